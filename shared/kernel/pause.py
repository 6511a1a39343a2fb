"""How long to wait before the next attempt at a contended change."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

Pause = Callable[[int], Awaitable[None]]
"""Waits before attempt `n + 1`, given `n`. Passed in, so that the simulation waits in virtual time."""


async def full_jitter(attempt: int) -> None:
    """Wait up to 20 ms, doubling with each attempt to 0.6 s, so that contenders spread out."""
    await asyncio.sleep(random.uniform(0, min(0.6, 0.02 * 2**attempt)))  # noqa: S311 - no secret
