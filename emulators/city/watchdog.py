"""Ends a demo in which nothing moves any more."""

from __future__ import annotations

import asyncio

from emulators.city.chronicle import Chronicle

PATIENCE_SECONDS = 90.0
CHECK_SECONDS = 1.0


class Stuck(Exception):
    """Nothing has moved for too long."""


def patience(offer_seconds: float) -> float:
    """Return how long nothing may move: at least as long as an offer may stand, and its repair take."""
    return max(PATIENCE_SECONDS, 2 * offer_seconds)


async def watch(chronicle: Chronicle, patience_seconds: float) -> None:
    """Watch for ever. Raises `Stuck` once nothing has moved for so long."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        if chronicle.quiet_seconds >= patience_seconds:
            raise Stuck(f"nothing has moved for {patience_seconds:.0f} s")
