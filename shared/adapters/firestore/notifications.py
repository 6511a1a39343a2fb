"""Notifications in Firestore: tokens from `users/{uid}`, records in `users/{uid}/inbox`."""

from __future__ import annotations

import logging
from datetime import datetime

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Write
from shared.kernel.device import device_id
from shared.kernel.errors import Unavailable
from shared.notifications.domain import ContactPoints, Notification

log = logging.getLogger(__name__)


class FirestoreDevices:
    """`Devices` over the tokens in `users/{uid}`: one read for any number of devices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contact_points(self, uid: str) -> ContactPoints:
        """See `Devices.contact_points`."""
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
        writes = [
            Write("update", path, left, account.update_time),
            Write("delete", f"{path}/devices/{device_id(token)}"),
            Write("delete", f"device_tokens/{device_id(token)}"),
        ]
        try:
            await self._database.commit(writes)
        except (CommitRefused, CommitUnknown) as error:
            log.info("dead_token_not_removed", extra={"error": type(error).__name__})


class FirestoreInbox:
    """`Inbox`: creating the document is the lock; a first delivery needs no read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, uid: str, note: Notification) -> bool:
        """See `Inbox.record`; a notification that the user deleted needs no push."""
        entry = _inbox(uid).create(note.id, note)
        try:
            await self._database.commit([Write("create", entry.path, entry.data)])  # mutant: notified-again
        except CommitRefused:
            log.info("already_notified", extra={"event_id": note.event_id})
            stored = (await self._database.get_all([entry.path]))[entry.path].data
            # An entry without the field is older than the field; such entries were stored after their push.
            return stored is not None and stored.get("pushed_at", note.at) is None
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error
        return True

    async def mark_pushed(self, uid: str, notification_id: str, at: datetime) -> None:
        """See `Inbox.mark_pushed`."""
        mark = Write("update", _inbox(uid).path(notification_id), {"pushed_at": at})
        try:
            await self._database.commit([mark])
        except CommitRefused:
            log.info("inbox_entry_missing")
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error


def _inbox(uid: str) -> Collection[Notification]:
    return Collection(f"users/{uid}/inbox", Notification)
