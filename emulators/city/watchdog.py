"""End a demo that makes no progress."""

from __future__ import annotations

import asyncio

from emulators.city.event_log import EventLog

STALL_SECONDS = 90.0
CHECK_SECONDS = 1.0


class DemoStalled(Exception):
    """The demo made no progress for too long."""


def stall_timeout(offer_seconds: float) -> float:
    """Return the time without progress that is allowed: an offer must be able to expire twice in it."""
    return max(STALL_SECONDS, 2 * offer_seconds)


async def watch(log: EventLog, timeout_seconds: float) -> None:
    """Watch until cancelled. Raises `DemoStalled` after so many seconds without progress."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        if log.stalled_seconds >= timeout_seconds:
            raise DemoStalled(f"no progress for {timeout_seconds:.0f} s")
