"""The transactional outbox: `outbox/{event}` exists from the commit until the bus has the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import CommitUnknown, Database, Query, Write
from shared.kernel.errors import Unavailable
from shared.kernel.event import Event, Message
from shared.kernel.trace import current_trace
from shared.schema import schema

MESSAGES = Collection("outbox", Message)


def encode(event: Event) -> Message:
    """Return the event as a message that carries the current trace on."""
    trace = current_trace.get()
    return Message(
        id=event.id,
        topic=event.topic(),
        type=event.TYPE,
        subject=event.subject,
        time=event.at,
        data=schema(cast(Any, type(event))).dump_json(event).decode(),
        traceparent=trace.traceparent,
        request_id=trace.request_id,
    )


def create(message: Message) -> Write:
    """Return the write that puts a message into the outbox; the same event twice is one entry."""
    entry = MESSAGES.create(message.id, message)
    return Write("set", entry.path, entry.data)


class FirestoreOutbox:
    """The outbox as the sweeper sees it (`operations.ports.Outbox`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stale(self, now: datetime, age: timedelta, limit: int) -> Sequence[Message]:
        """Return up to `limit` messages older than `age`, oldest first."""
        query = Query("outbox", where=(("time", "<", now - age),), order_by=("time",), limit=limit)
        return MESSAGES.readable(await self._database.query(query))

    async def remove(self, messages: Sequence[Message]) -> None:
        """Forget messages that the bus has; it is no error when another did so before.

        Raises `Unavailable` when the answer was lost: the next sweep publishes what is still there again.
        """
        try:
            await self._database.commit([Write("delete", MESSAGES.path(message.id)) for message in messages])
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error
