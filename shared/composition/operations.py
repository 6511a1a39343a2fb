"""The ports of operations."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.composition.documents import DocumentPorts
from shared.composition.tasks import TaskPorts
from shared.edge.health import Dependencies, Dependency

if TYPE_CHECKING:
    from shared.adapters.cloud_tasks import SweepTasks
    from shared.adapters.firestore.outbox import FirestoreOutbox


class OperationsPorts(DocumentPorts, TaskPorts):
    """What the sweeps of the platform's own records need."""

    queue = "sweeps"
    function = "operations_cron"

    @cached_property
    def outbox(self) -> FirestoreOutbox:
        """Return the outbox."""
        from shared.adapters.firestore.outbox import FirestoreOutbox

        return FirestoreOutbox(self.database)

    @cached_property
    def sweeps(self) -> SweepTasks:
        """Return the queue of later sweeps."""
        from shared.adapters.cloud_tasks import SweepTasks

        return SweepTasks(self.tasks)

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks; a sweep without the bus does nothing."""
        return {**super().dependencies, "pubsub": Dependency(self.publisher.ping)}
