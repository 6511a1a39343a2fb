"""People in Firestore: `users/{uid}` with its devices and inbox, and `reviews/{order}_{side}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.accounts import ports
from shared.accounts.domain import (
    Account,
    Device,
    DevicesChanged,
    InboxEntry,
    Review,
    ReviewableOrder,
    known_roles,
)
from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert, Kind, Removal
from shared.adapters.firestore.database import Database, Query
from shared.kernel.actor import Role
from shared.kernel.once import Once

ACCOUNTS = Kind("users", Account)
ORDERS = Kind("orders", ReviewableOrder)
REVIEWS = Kind("reviews", Review)


class FirestoreRoles:
    """`RoleBook`: what `users/{uid}.roles` grants at this moment, without any cache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def roles_of(self, uid: str) -> frozenset[Role]:
        """See `RoleBook.roles_of`; a field that is not a list grants nothing."""
        path = ACCOUNTS.path(uid)
        granted = ((await self._database.get_all([path]))[path].data or {}).get("roles")
        return known_roles(granted) if isinstance(granted, list | tuple) else frozenset()


class FirestoreAccounts:
    """`AccountStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, uid: str) -> Account | None:
        """See `AccountStore.find`."""
        return _account(await self._store.database.get_all([ACCOUNTS.path(uid)]), uid)

    async def change(self, uid: str, decide: Callable[[Account | None], Account]) -> Account:
        """See `AccountStore.change`."""

        def decide_docs(docs: Docs) -> Commit[Account]:
            account = decide(_account(docs, uid))
            return Commit([_saved(docs, uid, account)], [], account)

        return await self._store.change([ACCOUNTS.path(uid)], decide_docs)

    async def change_devices(
        self, uid: str, device_id: str, decide: Callable[[Account | None], DevicesChanged]
    ) -> DevicesChanged:
        """See `AccountStore.change_devices`. The account is written each time, which puts
        simultaneous changes of one person's devices in order."""
        devices = _devices(uid)

        def decide_docs(docs: Docs) -> Commit[DevicesChanged]:
            changed = decide(_account(docs, uid))
            writes: list[Insert | Change | Removal] = [_saved(docs, uid, changed.account)]
            if changed.added:
                known = devices.find(docs, device_id)
                writes.append(
                    devices.update(device_id, known, changed.added)
                    if known
                    else devices.insert(device_id, changed.added)
                )
            writes += [Removal(devices.path(gone)) for gone in changed.dropped]
            return Commit(writes, [], changed)

        return await self._store.change([ACCOUNTS.path(uid), devices.path(device_id)], decide_docs)


class FirestoreInbox:
    """`InboxReader` over `users/{uid}/inbox`, index (at descending, id descending)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """See `InboxReader.newest`."""
        kind = Kind(f"users/{uid}/inbox", InboxEntry)
        query = Query(kind.collection, order_by=("-at", "-id"), limit=limit, start_after=after or ())
        return [kind.parse(entry.data) for entry in await self._database.query(query) if entry.data]


class FirestoreReviews:
    """`ReviewStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def post(
        self, order_id: str, review_id: str, decide: ports.PostReview, once: Once | None
    ) -> Review:
        """See `ReviewStore.post`. The order is not written: delivered it is for good."""

        def decide_docs(docs: Docs) -> Commit[Review]:
            review, events = decide(ORDERS.find(docs, order_id), REVIEWS.find(docs, review_id))
            return Commit([REVIEWS.insert(review.id, review)], list(events), review)

        return await self._store.change([ORDERS.path(order_id), REVIEWS.path(review_id)], decide_docs, once)


def _account(docs: Docs, uid: str) -> Account | None:
    """An operator's grant may be all that the document holds, hence the id from the path."""
    data = docs[ACCOUNTS.path(uid)].data
    return None if data is None else ACCOUNTS.parse({**data, "uid": uid})


def _saved(docs: Docs, uid: str, account: Account) -> Insert | Change:
    before = _account(docs, uid)
    if before is None:
        return ACCOUNTS.insert(uid, account)
    change = ACCOUNTS.update(uid, before, account)
    return Change(change.path, {**change.data, "uid": uid})


def _devices(uid: str) -> Kind[Device]:
    return Kind(f"users/{uid}/devices", Device)
