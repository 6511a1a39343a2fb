"""People in Firestore: `users/{uid}` with its devices and inbox, `audit/{id}`.

`device_tokens/{device}` names the account on which a push token stands: one at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Account, released
from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, Create, DocumentWrite, Update
from shared.adapters.firestore.database import Database, Query
from shared.adapters.firestore.pages import full_page
from shared.identity.admin import Audited
from shared.identity.audit import AuditEntry
from shared.identity.sessions import Session
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Role, known_roles
from shared.kernel.decision import Decision
from shared.kernel.device import device_id
from shared.profiles.devices import Device, DevicesChanged
from shared.profiles.domain import InboxEntry

ACCOUNTS = Collection("users", Account)
AUDIT = Collection("audit", AuditEntry)


@dataclass(frozen=True, slots=True)
class Rights:
    """The part of `users/{uid}` by which a sensitive request is let in; its roles are read with more care."""

    tokens_valid_after: datetime | None = None
    revoked_sessions: tuple[str, ...] = ()
    disabled: bool = False
    second_factor: bool = False


RIGHTS = Collection("users", Rights)


@dataclass(frozen=True, slots=True)
class Holder:
    """The one account on which a push token stands (`device_tokens/{device}`)."""

    uid: str


HOLDERS = Collection("device_tokens", Holder)


def sessions_of(uid: str) -> Collection[Session]:
    """Return the collection of a person's sessions."""
    return Collection(f"users/{uid}/sessions", Session)


class FirestoreRoles:
    """`RoleStore`: what `users/{uid}` says at this moment, without any cache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def roles_of(self, uid: str) -> frozenset[Role]:
        """See `RoleStore.roles_of`; a field that is not a list grants nothing."""
        return (await self.standing(uid)).roles

    async def standing(self, uid: str, session_id: str = "") -> AccountStatus:
        """See `RoleStore.standing`: one read, of one document or, where a session is named, of two."""
        sessions, person = sessions_of(uid), ACCOUNTS.path(uid)
        docs = await self._database.get_all([person, *([sessions.path(session_id)] if session_id else ())])
        data = docs[person].data or {}
        rights, granted = RIGHTS.parse(data), data.get("roles")
        session = sessions.find(docs, session_id) if session_id else None
        return AccountStatus(
            known_roles(granted) if isinstance(granted, list | tuple) else frozenset(),
            rights.tokens_valid_after,
            rights.revoked_sessions,
            rights.disabled,
            rights.second_factor,
            session.recent_mfa_until if session else None,
        )


class FirestoreAccounts:
    """`AccountStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, uid: str) -> Account | None:
        """See `AccountStore.find`."""
        return account_in(await self._store.database.get_all([ACCOUNTS.path(uid)]), uid)

    async def change(self, uid: str, decide: Callable[[Account | None], Account]) -> Account:
        """See `AccountStore.change`."""

        def decide_docs(docs: Docs) -> Decision[Writes, Account]:
            account = decide(account_in(docs, uid))
            return Decision([saved(docs, uid, account), *silenced(docs, uid, account)], [], account)

        return await self._store.change([ACCOUNTS.path(uid)], decide_docs)

    async def change_audited(
        self, uid: str, operator: str, decide: Callable[[Account | None, Account | None], Audited]
    ) -> Account:
        """See `AccountStore.change_audited`; without an entry there is nothing to store."""

        def decide_docs(docs: Docs) -> Decision[Writes, Account]:
            account, entry = decide(account_in(docs, uid), account_in(docs, operator))
            if entry is None:
                return Decision([], [], account)
            writes = [saved(docs, uid, account), *silenced(docs, uid, account)]
            return Decision([*writes, *recorded(docs, uid, entry)], [], account)

        return await self._store.change([ACCOUNTS.path(uid), ACCOUNTS.path(operator)], decide_docs)

    async def change_devices(
        self, uid: str, device_id: str, decide: Callable[[Account | None], DevicesChanged]
    ) -> DevicesChanged:
        """See `AccountStore.change_devices`. Each change writes the account, which puts
        concurrent changes of a user's devices in order; it also writes the account that held the token."""

        def decide_docs(docs: Docs) -> Decision[Writes, DevicesChanged]:
            changed = decide(account_in(docs, uid))
            writes: list[DocumentWrite] = [saved(docs, uid, changed.account)]
            if changed.added:
                writes += _taken(docs, uid, changed.added)
            for gone in changed.dropped:
                writes += [_devices(uid).delete(gone), HOLDERS.delete(gone)]
            return Decision(writes, [], changed)

        paths = [ACCOUNTS.path(uid), _devices(uid).path(device_id), HOLDERS.path(device_id)]
        return await self._store.change(paths, decide_docs)


class FirestoreInbox:
    """`InboxReader` over `users/{uid}/inbox`, index (at descending, id descending)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """See `InboxReader.newest`."""
        collection = Collection(f"users/{uid}/inbox", InboxEntry)
        query = Query(collection.name, order_by=("-at", "-id"), limit=limit, start_after=after or ())
        return await full_page(self._database, collection, query)


def account_in(docs: Docs, uid: str) -> Account | None:
    """Return the account among what was read; an operator's grant may be all that it holds, hence its id."""
    data = docs[ACCOUNTS.path(uid)].data
    return None if data is None else ACCOUNTS.parse({**data, "uid": uid})


def saved(docs: Docs, uid: str, account: Account) -> Create | Update:
    """Return the write that stores an account that was read, or that is new."""
    before = account_in(docs, uid)
    if before is None:
        return ACCOUNTS.create(uid, account)
    change = ACCOUNTS.update(uid, before, account)
    return Update(change.path, {**change.data, "uid": uid})


def recorded(docs: Docs, uid: str, entry: AuditEntry) -> list[DocumentWrite]:
    """Return the writes that keep the record of a deed done to `uid`.

    The operator's own document is written along, without a change: of a deed and a demotion of who does
    it at the same moment, one is decided after the other.
    """
    operator = ACCOUNTS.path(entry.actor_id)
    present = entry.actor_id != uid and docs[operator].data is not None
    return [AUDIT.create(entry.id, entry), *([Update(operator, {})] if present else [])]


def silenced(docs: Docs, uid: str, account: Account) -> list[DocumentWrite]:
    """Return the writes that forget the devices whose tokens an account has lost."""
    before = account_in(docs, uid)
    gone = [token for token in before.push_tokens if token not in account.push_tokens] if before else []
    ids = [device_id(token) for token in gone]
    return [collection.delete(id_) for id_ in ids for collection in (_devices(uid), HOLDERS)]


def _devices(uid: str) -> Collection[Device]:
    return Collection(f"users/{uid}/devices", Device)


def _taken(docs: Docs, uid: str, device: Device) -> list[DocumentWrite]:
    """Return the writes that add a device to a user's account and remove its token from any other account.

    The account that holds the token becomes part of the read set.
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
    other = account_in(docs, holder.uid)
    return [*moved, saved(docs, holder.uid, released(other, device.id))] if other else moved
