"""Time as the providers see it, so that a test can let fifteen minutes pass at once."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the providers need of time."""

    def now(self) -> float:
        """Unix time in seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed."""
        await asyncio.sleep(seconds)


async def happens_within(event: asyncio.Event, seconds: float, clock: Clock) -> bool:
    """True as soon as `event` is set, False when `seconds` have passed without it."""
    if event.is_set():
        return True
    racers = (asyncio.create_task(event.wait()), asyncio.create_task(clock.sleep(seconds)))
    try:
        await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for racer in racers:
            racer.cancel()
        await asyncio.gather(*racers, return_exceptions=True)
    return event.is_set()
