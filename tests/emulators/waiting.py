"""Wait for the effects of other tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

POLL_SECONDS = 0.005


async def look_again() -> None:
    """Pause between two polls."""
    await asyncio.sleep(POLL_SECONDS)


async def until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; the test's time limit ends the wait."""
    while True:
        if condition():
            return
        await look_again()
