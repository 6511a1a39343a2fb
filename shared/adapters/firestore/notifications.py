"""Notifications in Firestore: tokens from `users/{uid}`, records in `users/{uid}/inbox`."""

from __future__ import annotations

import logging
from datetime import datetime

from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Write
from shared.kernel.device import device_id
from shared.kernel.errors import Unavailable
from shared.notifications.domain import Notification, Reach

log = logging.getLogger(__name__)


class FirestoreDevices:
    """`Devices` over the tokens that `users/{uid}` repeats: one read, however many devices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reach(self, uid: str) -> Reach:
        """See `Devices.reach`."""
        path = f"users/{uid}"
        data = (await self._database.get_all([path]))[path].data or {}
        known, tokens, muted = Reach(), data.get("push_tokens"), data.get("muted")
        # A wish that is no list mutes nothing: better one push too many than none.
        wishes = tuple(muted) if isinstance(muted, list) else known.muted
        return Reach(data.get("language") or known.language, tuple(tokens or known.tokens), wishes)

    async def forget(self, uid: str, token: str) -> None:
        """See `Devices.forget`; whoever changes the account meanwhile goes first."""
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
            log.info("dead_token_kept", extra={"error": type(error).__name__})


class FirestoreInbox:
    """`Inbox`: the document's creation is the lock; a first delivery needs no read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, uid: str, note: Notification) -> bool:
        """See `Inbox.record`; one that its owner has thrown away meanwhile needs no push."""
        entry = _inbox(uid).create(note.id, note)
        try:
            await self._database.commit([Write("create", entry.path, entry.data)])
        except CommitRefused:
            log.info("notified_before", extra={"event_id": note.event_id})
            kept = (await self._database.get_all([entry.path]))[entry.path].data
            # An entry without the field is older than it: those were kept after their push.
            return kept is not None and kept.get("pushed_at", note.at) is None
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error
        return True

    async def mark_pushed(self, uid: str, notification_id: str, at: datetime) -> None:
        """See `Inbox.mark_pushed`."""
        mark = Write("update", _inbox(uid).path(notification_id), {"pushed_at": at})
        try:
            await self._database.commit([mark])
        except CommitRefused:
            log.info("inbox_entry_gone")
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error


def _inbox(uid: str) -> Collection[Notification]:
    return Collection(f"users/{uid}/inbox", Notification)
