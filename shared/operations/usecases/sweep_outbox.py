"""Publish what a dead process left in the outbox."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from shared.kernel.errors import Unavailable
from shared.kernel.event import Message, Publisher
from shared.operations.ports import Outbox

STALE_AFTER = timedelta(seconds=30)
"""A living process publishes within a second or so; after this it is taken for dead."""

BATCH = 100

log = logging.getLogger(__name__)


async def sweep_outbox(*, outbox: Outbox, publisher: Publisher, now: datetime) -> int:
    """Publish every event that is older than `STALE_AFTER`, and return how many there were.

    An event may have been published before: consumers see each at least once. One that the bus does
    not take holds up no other; it stays, and `Unavailable` is raised at the end.
    """
    published = 0
    while batch := await outbox.stale(now, STALE_AFTER, BATCH):
        taken = [message for message in batch if await _taken(message, publisher)]
        if taken:
            await outbox.remove(taken)
        published += len(taken)
        if len(taken) < len(batch):
            raise Unavailable(f"The event bus did not take {len(batch) - len(taken)} events.")
    return published


async def _taken(message: Message, publisher: Publisher) -> bool:
    try:
        await publisher.publish([message])
    except Unavailable:
        log.warning("event_not_published", extra={"event_id": message.id, "event_type": message.type})
        return False
    return True
