"""A clock that a test advances."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)


class FakeClock:
    """Does not move until advanced; a sleeper wakes when its time is reached."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        if moment <= self._now:
            return
        sleeper = (moment, asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        self._changed.set()
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    def advance(self, span: timedelta) -> None:
        """Move on and wake those whose moment has come."""
        self._now += span
        self._changed.set()
        for moment, future in self._sleepers:
            if moment <= self._now and not future.done():
                future.set_result(None)

    def nearest(self) -> float:
        """Return the seconds until the next sleeper wakes, infinity when none sleeps."""
        moments = self._moments()
        return (min(moments) - self._now).total_seconds() if moments else math.inf

    async def until_asleep_for(self, seconds: float) -> None:
        """Return once someone sleeps who has just this long to go."""
        while self._now + timedelta(seconds=seconds) not in self._moments():
            self._changed.clear()
            await self._changed.wait()

    async def skip(self) -> float:
        """Wait until someone sleeps, move to the earliest wake-up, and return the seconds skipped."""
        while not (moments := self._moments()):
            self._changed.clear()
            await self._changed.wait()
        span = min(moments) - self._now
        self.advance(span)
        return span.total_seconds()

    def _moments(self) -> list[datetime]:
        return [moment for moment, future in self._sleepers if not future.done()]
