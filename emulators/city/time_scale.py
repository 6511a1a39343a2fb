"""How fast people live: cooking and driving are hurried, the system's own deadlines never."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """`speed` seconds of the people's lives pass in one real second."""

    speed: float

    def real(self, seconds: float) -> float:
        """Return how many real seconds a stretch of life takes."""
        return seconds / self.speed

    async def live(self, seconds: float, *, at_least: float = 0.0) -> None:
        """Spend `seconds` of life, and no fewer than `at_least` real ones."""
        await asyncio.sleep(max(self.real(seconds), at_least))
