"""The clock of the emulators; tests replace it by one that they advance."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")


class Clock(Protocol):
    """Wall time in UTC, and a way to wait for a point of it."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return at or after `moment`, at once if it has passed."""
        ...


class SystemClock:
    """The system clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        # The timer of the loop uses another clock than `now`, and can fire a little early.
        while True:
            remaining = (moment - self.now()).total_seconds()
            if remaining <= 0:
                return
            await asyncio.sleep(remaining)


async def pause(clock: Clock, seconds: float) -> None:
    """Wait `seconds` of the clock's time."""
    await clock.sleep_until(clock.now() + timedelta(seconds=seconds))


async def pause_unless(clock: Clock, seconds: float, event: asyncio.Event) -> None:
    """Wait `seconds` of the clock's time, but no longer than until `event` is set."""
    with contextlib.suppress(TimeoutError):
        await within(clock, seconds, event.wait())


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """Return what `work` returns; cancel it and raise `TimeoutError` when `seconds` pass first."""
    task = asyncio.ensure_future(work)
    timeout = asyncio.ensure_future(pause(clock, seconds))
    try:
        await asyncio.wait((task, timeout), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError(f"not done in {seconds:g} s")
        return task.result()
    finally:
        task.cancel()
        timeout.cancel()
        await asyncio.gather(task, timeout, return_exceptions=True)
