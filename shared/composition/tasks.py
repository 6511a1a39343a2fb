"""Ports over Cloud Tasks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from shared.composition.ports import Ports
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings

if TYPE_CHECKING:
    from shared.adapters.cloud_tasks import CloudTasks


class TaskPorts(Ports):
    """Ports that create tasks in one queue, which calls one function."""

    queue: ClassVar[str]
    function: ClassVar[str]
    """The function that the queue calls."""

    @cached_property
    def tasks(self) -> CloudTasks:
        """Return the queue."""
        return self.runtime.external(f"queue {self.queue}", self._open_queue)

    def _open_queue(self) -> CloudTasks:
        from shared.adapters.cloud_tasks import open_queue

        return open_queue(self.queue, self.function, self.runtime.settings(Settings))

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks."""
        return {**super().dependencies, "cloud_tasks": Dependency(self.tasks.ping)}
