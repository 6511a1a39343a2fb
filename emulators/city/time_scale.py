"""The time scale of the demo: it applies to cooking and driving, never to Waybill's own timeouts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeScale:
    """`speed` simulated seconds pass in one real second."""

    speed: float

    def real(self, seconds: float) -> float:
        """Return the real seconds of a simulated duration."""
        return seconds / self.speed

    async def sleep(self, seconds: float, *, at_least: float = 0.0) -> None:
        """Sleep for `seconds` of simulated time, and for no fewer than `at_least` real seconds."""
        await asyncio.sleep(max(self.real(seconds), at_least))
