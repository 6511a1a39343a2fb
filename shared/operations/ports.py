"""Ports of the operations context."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.kernel.batch import Cursor, Page
from shared.kernel.event import Message


class Outbox(Protocol):
    """Events that were committed and, according to the outbox, not yet published."""

    async def stale(self, before: datetime, limit: int, cursor: Cursor | None = None) -> Page[Message]:
        """Return a page of the messages whose time is before `before`, oldest first."""
        ...

    async def remove(self, message: Message) -> None:
        """Delete a message that the bus has stored; a message that is already deleted is no error."""
        ...

    async def set_aside(self, path: str, code: str, now: datetime) -> None:
        """Move the entry at `path` out of the outbox because it can never be published.

        `code` says why. An entry that is gone is no error. Raises `Unavailable`.
        """
        ...


class SweepQueue(Protocol):
    """Schedules further sweeps within a minute, which is the scheduler's finest interval."""

    async def sweep_at(self, at: datetime) -> None:
        """Schedule a sweep of the outbox at `at`; scheduling it twice has the effect of once."""
        ...
