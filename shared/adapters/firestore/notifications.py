"""Notifications in Firestore: tokens from `users/{uid}`, records in `users/{uid}/inbox`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.copies import CopiedDocuments, contact_key
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Query, Snapshot, Write
from shared.kernel.device import device_id
from shared.kernel.errors import Unavailable
from shared.notifications.domain import ContactPoints, Notification
from shared.notifications.ports import Entry

MAX_RECIPIENTS = 300
"""More than an event has: its parties, the staff of a merchant, and operators."""

log = logging.getLogger(__name__)


class FirestoreDevices:
    """`Devices` over the tokens in `users/{uid}`: no read where there is a copy, else one for all devices."""

    def __init__(self, database: Database, copies: CopiedDocuments) -> None:
        self._database, self._copies = database, copies

    async def contact_points(self, uid: str) -> ContactPoints:
        """See `Devices.contact_points`."""
        return await self._copies.read(contact_key(uid), ContactPoints, lambda: self._read(uid))

    async def _read(self, uid: str) -> ContactPoints:
        path = f"users/{uid}"
        data = (await self._database.get_all([path]))[path].data or {}
        known, tokens, muted = ContactPoints(), data.get("push_tokens"), data.get("muted")
        # A malformed list mutes nothing: one push too many is better than none.
        topics = tuple(muted) if isinstance(muted, list) else known.muted
        return ContactPoints(data.get("language") or known.language, tuple(tokens or known.tokens), topics)

    async def remove_token(self, uid: str, token: str) -> None:
        """See `Devices.remove_token`; a concurrent change of the account wins."""
        path = f"users/{uid}"
        account = (await self._database.get_all([path]))[path]
        tokens = (account.data or {}).get("push_tokens") or []
        if token not in tokens:
            return
        left = {"push_tokens": [known for known in tokens if known != token]}
        device = device_id(token)
        writes = [
            Write("update", path, left, account.update_time),
            Write("delete", f"{path}/devices/{device}"),
            Write("delete", f"device_tokens/{device}"),
        ]
        try:
            await self._copies.commit(writes, f"dead token {device}")
        except (CommitRefused, CommitUnknown) as error:
            log.info("dead_token_not_removed", extra={"error": type(error).__name__})


class FirestoreInbox:
    """`Inbox`: one document, and one write, for each notification of a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, event_id: str) -> Mapping[str, Entry]:
        """See `Inbox.entries`: one query over all inboxes, which costs one read while there is none.

        Collection-group index (event_id).
        """
        query = Query("inbox", where=(("event_id", "==", event_id),), limit=MAX_RECIPIENTS, group=True)
        return {found.id: _entry(found) for found in await self._database.query(query)}

    async def keep(self, uid: str, note: Notification) -> None:
        """See `Inbox.keep`: one write, or a second one where another delivery was first."""
        entry = _inbox(uid).create(note.id, note)
        if await self._committed(Write("create", entry.path, entry.data)):
            return
        log.info("already_notified", extra={"event_id": note.event_id})
        news = _news(note)
        if news and not await self._committed(Write("update", entry.path, news)):
            log.info("inbox_entry_missing")

    async def _committed(self, write: Write) -> bool:
        """Try twice: a push that was sent and could not be stored would be sent again."""
        try:
            try:
                await self._database.commit([write])
            except CommitUnknown:
                await self._database.commit([write])
        except CommitRefused:
            return False
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error
        return True


def _inbox(uid: str) -> Collection[Notification]:
    return Collection(f"users/{uid}/inbox", Notification)


def _entry(found: Snapshot) -> Entry:
    # An entry without the field is older than the field; such entries were stored after their push.
    data = found.data or {}
    if data.get("pushed_at", data) is not None:
        return Entry(pushed=True)
    return Entry(pushed=False, reached=frozenset(data.get("reached") or ()))


def _news(note: Notification) -> Mapping[str, Any]:
    """Return what a later delivery changes of an entry."""
    if note.pushed_at:
        return {"pushed_at": note.pushed_at, "reached": []}
    return {"reached": list(note.reached)} if note.reached else {}
