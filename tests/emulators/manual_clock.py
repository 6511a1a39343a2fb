"""A clock that stands still until a test moves it."""

import asyncio
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class _Sleeper:
    wakes_at: float
    woken: asyncio.Event


class ManualClock:
    """Sleeps end when `advance` passes them; `until_asleep_for` waits for somebody to lie down."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._sleepers: list[_Sleeper] = []
        self._lay_down = asyncio.Condition()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        sleeper = _Sleeper(self._now + seconds, asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            async with self._lay_down:
                self._lay_down.notify_all()
            await sleeper.woken.wait()
        finally:
            self._sleepers.remove(sleeper)

    async def until_asleep_for(self, seconds: float) -> None:
        """Return once somebody sleeps who has just this long to go."""
        async with self._lay_down:
            await self._lay_down.wait_for(lambda: self._asleep_for(seconds))

    def advance(self, seconds: float) -> None:
        """Let time pass and wake those whose time has come."""
        self._now += seconds
        for sleeper in self._sleepers:
            if sleeper.wakes_at <= self._now + 1e-6:
                sleeper.woken.set()

    def _asleep_for(self, seconds: float) -> bool:
        return any(abs(sleeper.wakes_at - self._now - seconds) < 1e-3 for sleeper in self._sleepers)
