"""Schedule further sweeps within the minute, so that no event waits for a whole minute."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from shared.kernel.errors import Unavailable
from shared.operations.ports import SweepQueue

OFFSETS = (timedelta(seconds=20), timedelta(seconds=40))
"""With a sweep every 20 s and `STALE_AFTER` of 30 s, an event is published within 50 s of its commit."""

log = logging.getLogger(__name__)


async def plan_sweeps(*, queue: SweepQueue, now: datetime) -> None:
    """Schedule two more sweeps of the outbox within the minute of `now`.

    Where the queue does not answer, the sweep of the next minute publishes what these would have.
    """
    minute = now.replace(second=0, microsecond=0)
    await asyncio.gather(*(_plan(queue, minute + offset) for offset in OFFSETS))


async def _plan(queue: SweepQueue, at: datetime) -> None:
    try:
        await queue.sweep_at(at)
    except Unavailable as error:
        log.warning("sweep_not_planned", extra={"code": error.code})
