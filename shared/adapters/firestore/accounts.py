"""Accounts in Firestore: `auth/{uid}`, which clients cannot read, and the account status of a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.adapters.firestore.change import Docs
from shared.adapters.firestore.codec import Collection, Create, Update
from shared.adapters.firestore.copies import CopiedDocuments, standing_key
from shared.adapters.firestore.database import Database, Operator, Query
from shared.identity.domain import Account, Session
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Role, known_roles

ACCOUNTS = Collection("auth", Account)
Where = tuple[tuple[str, Operator, Any], ...]

MAX_OPERATORS = 50
"""The most operators of each role that are notified."""
MAX_ACCOUNTS = 500
"""The most accounts of each role that are read for it: a closed one keeps its role."""


@dataclass(frozen=True, slots=True)
class Restrictions:
    """The part of `auth/{uid}` beside the roles; a roles field of the wrong type grants nothing."""

    tokens_valid_after: datetime | None = None
    revoked_sessions: tuple[str, ...] = ()
    disabled: bool = False
    second_factor: bool = False


RESTRICTIONS = Collection("auth", Restrictions)


def sessions_of(uid: str) -> Collection[Session]:
    """Return the collection of a user's sessions."""
    return Collection(f"users/{uid}/sessions", Session)


class FirestoreRoles:
    """`RoleStore`: the state of `auth/{uid}` at this moment, without any cache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_closed(self, uid: str) -> bool:
        """See `dispatch.ports.Accounts.is_closed`; one read."""
        return (await self.account_status(uid)).disabled

    async def operators(self) -> Sequence[str]:
        """See `notifications.ports.Operators.operators`; a closed account is none."""
        found: dict[str, None] = {}
        for role in (Role.SUPPORT, Role.ADMIN):
            where: Where = (("roles", "array-contains", role.value),)
            accounts = await self._database.query(Query("auth", where=where, limit=MAX_ACCOUNTS))
            on_duty = [one.id for one in accounts if not (one.data or {}).get("disabled")]
            found |= dict.fromkeys(on_duty[:MAX_OPERATORS])
        return tuple(found)

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        """See `RoleStore.account_status`: one read, of one document, or of two where a session is named."""
        sessions, path = sessions_of(uid), ACCOUNTS.path(uid)
        docs = await self._database.get_all([path, *([sessions.path(session_id)] if session_id else ())])
        data = docs[path].data or {}
        restrictions = RESTRICTIONS.parse(data)
        session = sessions.find(docs, session_id) if session_id else None
        return AccountStatus(
            known_roles(data.get("roles")),
            restrictions.tokens_valid_after,
            restrictions.revoked_sessions,
            restrictions.disabled,
            restrictions.second_factor,
            session.recent_mfa_until if session else None,
        )


class CopiedRoles:
    """`RoleStore` that reads how a person stands from a copy, unless a session's recent MFA is asked for."""

    def __init__(self, copies: CopiedDocuments, roles: FirestoreRoles) -> None:
        self._copies, self._roles = copies, roles

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        """See `RoleStore.account_status`; without roles and second factor where no session is named."""
        if session_id:
            return await self._roles.account_status(uid, session_id)

        async def load() -> AccountStatus:
            read = await self._roles.account_status(uid)
            return AccountStatus(
                tokens_valid_after=read.tokens_valid_after,
                revoked_sessions=read.revoked_sessions,
                disabled=read.disabled,
            )

        return await self._copies.read(standing_key(uid), AccountStatus, load)


def account_in(docs: Docs, uid: str) -> Account | None:
    """Return the account among the documents that were read; a seeded one may lack its id."""
    data = docs[ACCOUNTS.path(uid)].data
    return None if data is None else ACCOUNTS.parse({**data, "uid": uid})


def saved_account(docs: Docs, account: Account) -> Create | Update:
    """Return the write that stores an account; an unchanged one is written too, to order two decisions."""
    before = account_in(docs, account.uid)
    if before is None:
        return ACCOUNTS.create(account.uid, account)
    change = ACCOUNTS.update(account.uid, before, account)
    return Update(change.path, {**change.data, "uid": account.uid})
