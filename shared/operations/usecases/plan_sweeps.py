"""Schedule further sweeps within the minute, so that no event waits for a whole minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.operations.ports import SweepQueue

OFFSETS = (timedelta(seconds=20), timedelta(seconds=40))
"""With a sweep every 20 s and `STALE_AFTER` of 30 s, an event is published within 50 s of its commit."""


async def plan_sweeps(*, queue: SweepQueue, now: datetime) -> None:
    """Schedule two more sweeps of the outbox within the minute of `now`."""
    minute = now.replace(second=0, microsecond=0)
    for offset in OFFSETS:
        await queue.sweep_at(minute + offset)
