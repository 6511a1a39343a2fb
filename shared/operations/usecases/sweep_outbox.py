"""Publish the events that a process left in the outbox when it stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.kernel.batch import BatchResult, Cursor, Page, Queue, run_queue
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.event import Message, Publisher
from shared.operations.ports import Outbox

STALE_AFTER = timedelta(seconds=30)
"""A running process publishes within about a second; after this time the sweeper publishes instead."""

CONCURRENCY = 10


async def sweep_outbox(*, outbox: Outbox, publisher: Publisher, clock: Clock) -> BatchResult:
    """Publish every event that is older than `STALE_AFTER`; `done` counts them.

    An event may have been published before: consumers receive each at least once. An event that the bus
    refuses stays and delays no other; after all others, the sweep raises `Unavailable`.
    """

    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[Message]:
        return await outbox.stale(now - STALE_AFTER, limit, cursor)  # mutant: sweeper-blind

    async def publish(message: Message, _: datetime) -> bool:
        await publisher.publish([message])  # mutant: sweeper-removes-refused, sweeper-removes-early
        await outbox.remove(message)
        return True

    queue = Queue(
        name="event_id",
        key=lambda message: message.id,
        load=load,
        handle=publish,
        concurrency=CONCURRENCY,
    )
    result = await run_queue(queue, clock=clock)
    if result.failed:
        raise Unavailable(f"{result.failed} events could not be published; the next sweep tries again.")
    return result
