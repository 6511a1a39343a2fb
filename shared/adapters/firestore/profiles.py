"""Profiles in Firestore: `users/{uid}` with its devices and inbox.

`device_tokens/{device}` names the one user who gets the pushes of a device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from shared.adapters.firestore.accounts import ACCOUNTS, account_in, saved_account
from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, Create, DocumentWrite, Update
from shared.adapters.firestore.database import CommitRefused, CommitUnknown, Database, Query, Write
from shared.adapters.firestore.pages import full_page
from shared.identity.domain import ALL_SESSIONS, Contact, status_of
from shared.identity.sessions import with_sign_in
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.errors import Contended, Unavailable
from shared.profiles.devices import Device, DeviceChange, without_all, without_devices, without_session
from shared.profiles.domain import InboxEntry, Profile

R = TypeVar("R")

PROFILES = Collection("users", Profile)
CONTACTS = Collection("users", Contact)


@dataclass(frozen=True, slots=True)
class Holder:
    """The one user whose profile lists a push token (`device_tokens/{device}`)."""

    uid: str


HOLDERS = Collection("device_tokens", Holder)


class FirestoreProfiles:
    """`ProfileStore`, and the contacts that operators read."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def change(self, uid: str, decide: Callable[[Profile | None], Decision[Profile, R]]) -> R:
        """See `ProfileStore.change`."""

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            before = profile_in(docs, uid)
            decision = decide(before)
            writes = [] if decision.state == before else [saved_profile(docs, decision.state)]
            return Decision(writes, decision.events, decision.result)

        return await self._store.change([PROFILES.path(uid)], decide_docs)

    async def contact_of(self, uid: str) -> Contact:
        """See `identity.ports.ContactStore.contact_of`."""
        docs = await self._store.database.get_all([CONTACTS.path(uid)])
        return CONTACTS.find(docs, uid) or Contact()


class FirestoreDeviceStore:
    """`DeviceStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def register(
        self,
        person: Principal,
        device_id: str,
        decide: Callable[[Profile | None, AccountStatus], Decision[DeviceChange, R]],
    ) -> R:
        """See `DeviceStore.register`. Each change writes the account, so that a registration and a sign-out
        at the same moment are decided one after the other; so does the profile of the former holder."""
        uid = person.uid

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            account = account_in(docs, uid)
            decision = decide(profile_in(docs, uid), status_of(account))
            writes = [saved_account(docs, with_sign_in(account, person)), *_changed(docs, decision.state)]
            return Decision(writes, decision.events, decision.result)

        paths = [
            ACCOUNTS.path(uid),
            PROFILES.path(uid),
            _devices(uid).path(device_id),
            HOLDERS.path(device_id),
        ]
        return await self._store.change(paths, decide_docs)

    async def remove(
        self, uid: str, device_id: str, decide: Callable[[Profile | None], Decision[DeviceChange, R]]
    ) -> R:
        """See `DeviceStore.remove`."""

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            decision = decide(profile_in(docs, uid))
            return Decision(_changed(docs, decision.state), decision.events, decision.result)

        paths = [PROFILES.path(uid), _devices(uid).path(device_id), HOLDERS.path(device_id)]
        return await self._store.change(paths, decide_docs)


MAX_COUNTED = 1_000
"""How many unread notifications are counted."""

TRIES = 5
BATCH = 200
"""How many notifications one commit marks."""


class FirestoreInbox:
    """`Inbox` over `users/{uid}/inbox`, indexes (at descending, id descending) and `read`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """See `Inbox.newest`."""
        collection = _inbox(uid)
        query = Query(collection.name, order_by=("-at", "-id"), limit=limit, start_after=after or ())
        return await full_page(self._database, collection, query)

    async def unread(self, uid: str) -> int:
        """See `Inbox.unread`."""
        return await self._database.count(_unread(uid, MAX_COUNTED))

    async def mark_read(self, uid: str, notification_id: str) -> InboxEntry | None:
        """See `Inbox.mark_read`."""
        collection = _inbox(uid)
        path = collection.path(notification_id)
        found = collection.find(await self._database.get_all([path]), notification_id)
        if found is None or found.read:
            return found
        return replace(found, read=True) if await self._mark([path]) else None

    async def mark_some_read(self, uid: str) -> int:
        """See `Inbox.mark_some_read`; where an entry is deleted meanwhile, the batch is read again."""
        for _ in range(TRIES):
            found = await self._database.query(_unread(uid, BATCH))
            if not found or await self._mark([snapshot.path for snapshot in found]):
                return len(found)
        raise Contended

    async def _mark(self, paths: Sequence[str]) -> bool:
        """Mark entries as read; return False where one of them is gone."""
        try:
            await self._database.commit([Write("update", path, {"read": True}) for path in paths])
        except CommitRefused:
            return False
        except CommitUnknown as error:
            raise Unavailable("The database does not answer.") from error
        return True


def _inbox(uid: str) -> Collection[InboxEntry]:
    return Collection(f"users/{uid}/inbox", InboxEntry)


def _unread(uid: str, limit: int) -> Query:
    return Query(_inbox(uid).name, where=(("read", "==", False),), limit=limit)


def profile_in(docs: Docs, uid: str) -> Profile | None:
    """Return the profile among the documents that were read; another context may have created it."""
    data = docs[PROFILES.path(uid)].data
    return None if data is None else PROFILES.parse({**data, "uid": uid})


def saved_profile(docs: Docs, profile: Profile) -> Create | Update:
    """Return the write that stores a profile; it leaves the fields of other contexts unchanged."""
    before = profile_in(docs, profile.uid)
    if before is None:
        return PROFILES.create(profile.uid, profile)
    change = PROFILES.update(profile.uid, before, profile)
    return Update(change.path, {**change.data, "uid": profile.uid})


def silenced_devices(docs: Docs, uid: str, session_id: str) -> list[DocumentWrite]:
    """Return the writes that delete the devices of a session that has ended, or of `ALL_SESSIONS`."""
    profile = profile_in(docs, uid)
    if profile is None:
        return []
    change = without_all(profile) if session_id == ALL_SESSIONS else without_session(profile, session_id)
    return _changed(docs, change) if change.removed else []


def _devices(uid: str) -> Collection[Device]:
    return Collection(f"users/{uid}/devices", Device)


def _changed(docs: Docs, change: DeviceChange) -> list[DocumentWrite]:
    """Return the writes of a device change; the profile is always written, to order concurrent changes."""
    uid = change.profile.uid
    writes: list[DocumentWrite] = [saved_profile(docs, change.profile)]
    if change.added:
        writes += _registered(docs, uid, change.added)
    for removed in change.removed:
        writes += [_devices(uid).delete(removed), HOLDERS.delete(removed)]
    return writes


def _registered(docs: Docs, uid: str, device: Device) -> list[DocumentWrite]:
    """Return the writes that add a device to a user's profile and remove its token from any other profile.

    The profile that lists the token becomes part of the read set.
    """
    devices, known, holder = _devices(uid), _devices(uid).find(docs, device.id), HOLDERS.find(docs, device.id)
    put = devices.update(device.id, known, device) if known else devices.create(device.id, device)
    if holder is None:
        return [put, HOLDERS.create(device.id, Holder(uid))]
    if holder.uid == uid:
        return [put]
    moved = [
        put,
        HOLDERS.update(device.id, holder, Holder(uid)),
        _devices(holder.uid).delete(device.id),
    ]
    other = profile_in(docs, holder.uid)
    left = [saved_profile(docs, without_devices(other, [device.id]).profile)] if other else []
    return [*moved, *left]
