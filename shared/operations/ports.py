"""What operations need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from shared.kernel.event import Message


class Outbox(Protocol):
    """Events that were committed and, as far as the outbox knows, not yet published."""

    async def stale(self, now: datetime, age: timedelta, limit: int) -> Sequence[Message]:
        """Return up to `limit` messages older than `age`, oldest first."""
        ...

    async def remove(self, messages: Sequence[Message]) -> None:
        """Forget messages that the bus has; it is no error when another did so before."""
        ...


class SweepQueue(Protocol):
    """Later sweeps within the same minute: the scheduler's finest grain is a minute."""

    async def sweep_at(self, at: datetime) -> None:
        """Have the outbox swept at `at`; asking twice for one moment is asking once."""
        ...
