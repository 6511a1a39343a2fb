"""Publish the events that a process left in the outbox when it stopped."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.kernel.batch import Batch, Cursor, Page, Queue
from shared.kernel.errors import Unavailable
from shared.kernel.event import Message, Publisher, PublishRefused
from shared.operations.ports import Outbox

STALE_AFTER = timedelta(seconds=30)
"""A running process publishes within about a second; after this time the sweeper publishes instead."""

CONCURRENCY = 50
"""At 0.5 s for a commit, one run of 40 s publishes 3,000 events."""

UNREADABLE = "UNREADABLE"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweptOutbox:
    """How many events were published and how many set aside, and whether none is left for the next sweep."""

    published: int
    set_aside: int
    finished: bool


async def sweep_outbox(*, outbox: Outbox, publisher: Publisher, batch: Batch) -> SweptOutbox:
    """Publish every event that is older than `STALE_AFTER`.

    An event may have been published before: consumers receive each at least once. An event that the bus
    will never take, or that cannot be read, is set aside and logged as an error. An event that the bus does
    not take now stays and delays no other; after all others, the sweep raises `Unavailable`.
    """
    sweep = _Sweep(outbox, publisher)
    queue = Queue(
        id="operations-outbox",
        name="event_id",
        key=lambda message: message.id,
        load=sweep.load,
        handle=sweep.publish,
        concurrency=CONCURRENCY,
    )
    result = await batch.run(queue)
    left = result.failed - len(sweep.set_aside)
    if left:
        raise Unavailable(f"{left} events could not be published; the next sweep tries again.")
    return SweptOutbox(result.done, len(sweep.set_aside), result.finished)


@dataclass(frozen=True, slots=True)
class _Sweep:
    outbox: Outbox
    publisher: Publisher
    set_aside: list[str] = field(default_factory=list)

    async def load(self, now: datetime, limit: int, cursor: Cursor | None) -> Page[Message]:
        page = await self.outbox.stale(now - STALE_AFTER, limit, cursor)  # mutant: sweeper-blind
        for path in page.unreadable:
            await self._set_aside(path, UNREADABLE, now)
        return page

    async def publish(self, message: Message, now: datetime) -> bool:
        try:
            await self.publisher.publish([message])  # mutant: sweeper-removes-refused, sweeper-removes-early
            await self.outbox.remove(message)
        except PublishRefused as refusal:
            await self._set_aside(f"outbox/{message.id}", refusal.code, now)
            raise
        return True

    async def _set_aside(self, path: str, code: str, now: datetime) -> None:
        await self.outbox.set_aside(path, code, now)
        self.set_aside.append(path)
        log.error("event_set_aside", extra={"event_id": path.rpartition("/")[2], "code": code})
