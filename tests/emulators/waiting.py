"""Waiting for what another task brings about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

POLL_SECONDS = 0.005


async def look_again() -> None:
    """Let a moment pass between two looks at something that has no event."""
    await asyncio.sleep(POLL_SECONDS)


async def until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; the test's time limit ends a vain wait."""
    while True:
        if condition():
            return
        await look_again()
