"""Spread the minute's sweeps, so that no event waits for a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.operations.ports import SweepQueue

OFFSETS = (timedelta(seconds=20), timedelta(seconds=40))
"""With a sweep each 20 s and `STALE_AFTER` of 30 s, an event is out within 50 s of its commit."""


async def plan_sweeps(*, queue: SweepQueue, now: datetime) -> None:
    """Have the outbox swept twice more within the minute of `now`."""
    minute = now.replace(second=0, microsecond=0)
    for offset in OFFSETS:
        await queue.sweep_at(minute + offset)
