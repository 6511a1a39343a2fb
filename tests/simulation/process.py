"""A process that serves one call and may die at any port: then it never goes on, and nobody is told."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.kernel.actor import Principal
from shared.kernel.trace import NO_TRACE, current_trace
from tests.simulation.loop import pause

EPOCH = datetime.fromisoformat("2026-11-20T12:00:00+00:00")


class Gone(Exception):
    """The process died, or did not answer in time: the caller cannot know what it did."""


@dataclass(eq=False)
class Process:
    """One call to one function. `changed` names the documents that it has written."""

    number: int
    name: str
    skew: timedelta
    started: datetime
    """By its own clock."""
    died: asyncio.Future[None]
    changed: list[str] = field(default_factory=list)
    _seen: dict[tuple[object, str], Any] = field(default_factory=dict)
    _looked_at: dict[tuple[object, str], datetime] = field(default_factory=dict)
    person: Principal | None = None
    """Who asked, by which sign-in; None where it was the platform."""
    task: asyncio.Task[Any] | None = None

    @property
    def asked_at(self) -> datetime:
        """Return when it was started, in virtual time."""
        return self.started - self.skew

    @property
    def dead(self) -> bool:
        """Say whether it has died."""
        return self.died.done()

    def look(self, documents: Mapping[str, Any]) -> None:
        """Remember what was read: documents by path, None where there is none."""
        task = asyncio.current_task()
        self._seen.update({(task, path): data for path, data in documents.items()})
        self._looked_at.update({(task, path): true_time() for path in documents})

    def last_look(self, path: str) -> Any:
        """Return what was read last of a document, which is what a decision rests on.

        A job does several things at once: what it read for the one says nothing of the other.
        """
        return self._seen.get((asyncio.current_task(), path))

    def looked_at(self, path: str) -> datetime | None:
        """Return when a document was read last, in virtual time."""
        return self._looked_at.get((asyncio.current_task(), path))

    def die(self) -> None:
        """End, wherever it is."""
        if not self.died.done():
            self.died.set_result(None)

    def clock(self) -> datetime:
        """Return the time as this process believes it to be."""
        return true_time() + self.skew


current_process: ContextVar[Process] = ContextVar("current_process")


def true_time() -> datetime:
    """Return the virtual time."""
    return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())


def local_time() -> datetime:
    """Return the time by the clock of the process that asks."""
    return current_process.get().clock()


async def serve(process: Process, work: Coroutine[Any, Any, Any], patience_s: float) -> Any:
    """Run the work as the process; return its answer or raise what it raises.

    Raises `Gone` when it dies or takes longer than the caller waits; a slow one goes on by itself.
    """
    task = asyncio.get_running_loop().create_task(_inside(process, work))
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # the dead are never finished
    process.task = task
    await _first_of(task, process.died, patience_s)
    if not task.done():
        raise Gone
    return task.result()


async def _first_of(task: asyncio.Task[Any], died: asyncio.Future[None], patience_s: float) -> None:
    """Wait for either, or for so long: `asyncio.wait` without what a call can do without."""
    over = pause(patience_s)

    def end(_: asyncio.Future[Any]) -> None:
        if not over.done():
            over.set_result(None)

    task.add_done_callback(end)
    died.add_done_callback(end)
    await over


async def _inside(process: Process, work: Coroutine[Any, Any, Any]) -> Any:
    current_process.set(process)
    current_trace.set(NO_TRACE)
    return await work


async def never() -> None:
    """Wait for ever."""
    await asyncio.get_running_loop().create_future()
