"""Publish what a dead process left in the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.kernel.event import Publisher
from shared.operations.ports import Outbox

STALE_AFTER = timedelta(seconds=30)
"""A living process publishes within a second or so; after this it is taken for dead."""

BATCH = 100


async def sweep_outbox(*, outbox: Outbox, publisher: Publisher, now: datetime) -> int:
    """Publish every event that is older than `STALE_AFTER`, and return how many there were.

    An event may have been published before: consumers see each at least once. Raises `Unavailable`
    when the bus does not answer; what was not published stays.
    """
    published = 0
    while batch := await outbox.stale(now, STALE_AFTER, BATCH):
        await publisher.publish(batch)
        await outbox.remove(batch)
        published += len(batch)
    return published
