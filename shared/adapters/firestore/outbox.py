"""The transactional outbox: `outbox/{event}` exists from the commit until the bus has stored the event.

What can never be published is moved to `outbox_set_aside/{event}`, where it stays until an engineer has
repaired the cause and moves it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Query, Write
from shared.adapters.firestore.pages import read_page
from shared.kernel.batch import Cursor, Page
from shared.kernel.errors import Unavailable
from shared.kernel.event import Event, Message
from shared.kernel.trace import current_trace
from shared.schema import schema

MESSAGES = Collection("outbox", Message)
SET_ASIDE = "outbox_set_aside"


def encode(event: Event) -> Message:
    """Return the event as a message that carries the current trace."""
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
    """Return the write that stores a message in the outbox; the same event twice is one entry."""
    entry = MESSAGES.create(message.id, message)
    return Write("set", entry.path, entry.data)


class FirestoreOutbox:
    """The outbox of the sweeper (`operations.ports.Outbox`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stale(self, before: datetime, limit: int, cursor: Cursor | None = None) -> Page[Message]:
        """See `Outbox.stale`, index (time, id)."""
        query = Query(
            MESSAGES.name,
            where=(("time", "<", before),),
            order_by=("time", "id"),
            limit=limit,
            start_after=cursor or (),
        )
        return await read_page(self._database, MESSAGES, query)

    async def remove(self, message: Message) -> None:
        """See `Outbox.remove`.

        Raises `Unavailable` when the answer was lost: the next sweep publishes again what is still there.
        """
        try:
            await self._database.commit([Write("delete", MESSAGES.path(message.id))])
        except CommitUnknown as error:  # mutant: lost-answer-unforeseen
            raise Unavailable("The database does not answer.") from error

    async def set_aside(self, path: str, code: str, now: datetime) -> None:
        """See `Outbox.set_aside`; the document is moved as it is, in one commit."""
        stored = (await self._database.get_all([path]))[path]
        if stored.data is None:
            return
        moved = {**stored.data, "set_aside_at": now, "set_aside_because": code}
        writes = [
            Write("set", f"{SET_ASIDE}/{stored.id}", moved),
            Write("delete", path, None, stored.update_time),
        ]
        try:
            await self._database.commit(writes)
        except CommitRefused:
            return
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error
