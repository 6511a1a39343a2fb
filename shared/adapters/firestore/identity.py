"""Security state in Firestore.

It is in `auth/{uid}` and `second_factors/{uid}`, which no client reads, in `users/{uid}/sessions/{id}`, which
the owner reads, and in the audit log `audit/{id}`, which admins read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from shared.adapters.firestore.accounts import ACCOUNTS, account_in, saved_account, sessions_of
from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite, Update
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.pages import full_page
from shared.adapters.firestore.profiles import silenced_devices
from shared.identity.audit import AuditEntry
from shared.identity.domain import Account, SecondFactor, SecurityState, Session
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest

R = TypeVar("R")

FACTORS = Collection("second_factors", SecondFactor)
AUDIT = Collection("audit", AuditEntry)


class FirestoreSecurity:
    """`SecurityStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def account(self, uid: str) -> Account | None:
        """See `SecurityStore.account`."""
        return account_in(await self._store.database.get_all([ACCOUNTS.path(uid)]), uid)

    async def second_factor(self, uid: str) -> SecondFactor | None:
        """See `SecurityStore.second_factor`."""
        return FACTORS.find(await self._store.database.get_all([FACTORS.path(uid)]), uid)

    async def live_sessions(self, uid: str, after: datetime, limit: int) -> Sequence[Session]:
        """See `SecurityStore.live_sessions`; index (revoked_at, created_at descending)."""
        collection = sessions_of(uid)
        query = Query(
            collection.name,
            where=(("revoked_at", "==", None), ("created_at", ">", after)),
            order_by=("-created_at",),
            limit=limit,
        )
        return await full_page(self._store.database, collection, query)

    async def change(
        self,
        uid: str,
        decide: Callable[[SecurityState], Decision[SecurityState, R]],
        *,
        session_id: str = "",
        operator_id: str = "",
        with_factor: bool = False,
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """See `SecurityStore.change`; a decision that changes nothing costs one read."""
        paths = [ACCOUNTS.path(uid)]
        paths += [sessions_of(uid).path(session_id)] if session_id else []
        paths += [ACCOUNTS.path(operator_id)] if operator_id else []
        paths += [FACTORS.path(uid)] if with_factor else []

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            before = SecurityState(
                account=account_in(docs, uid),
                session=sessions_of(uid).find(docs, session_id) if session_id else None,
                factor=FACTORS.find(docs, uid) if with_factor else None,
                operator=account_in(docs, operator_id) if operator_id else None,
            )
            decision = decide(before)
            writes = _changed(docs, uid, before, decision.state)
            writes += _factor(uid, before.factor, decision.state.factor) if with_factor else []
            return Decision(writes, decision.events, decision.result)

        return await self._store.change(paths, decide_docs, idempotency)


def _changed(docs: Docs, uid: str, before: SecurityState, after: SecurityState) -> list[DocumentWrite]:
    """Return the writes of the parts that differ from what was read."""
    writes: list[DocumentWrite] = []
    if after.account and after.account != before.account:
        writes.append(saved_account(docs, after.account))
    if after.session and after.session != before.session:
        writes.append(_session(uid, before.session, after.session))
    if after.entry:
        writes += _audited(docs, uid, after.entry)  # mutant: no-audit-entry
    if after.silenced:
        writes += silenced_devices(docs, uid, after.silenced)
    return writes


def _session(uid: str, before: Session | None, after: Session) -> DocumentWrite:
    sessions = sessions_of(uid)
    return sessions.update(after.id, before, after) if before else sessions.create(after.id, after)


def _factor(uid: str, before: SecondFactor | None, after: SecondFactor | None) -> list[DocumentWrite]:
    if before == after:
        return []
    if after is None:
        return [FACTORS.delete(uid)]
    return [FACTORS.update(uid, before, after) if before else FACTORS.create(uid, after)]


def _audited(docs: Docs, uid: str, entry: AuditEntry) -> list[DocumentWrite]:
    """Return the writes that store the audit entry of an action on `uid`.

    The operator's own account is written along, without a change: an action and the demotion of its operator
    at the same moment are decided one after the other.
    """
    operator = ACCOUNTS.path(entry.actor_id)
    present = entry.actor_id != uid and docs[operator].data is not None
    return [AUDIT.create(entry.id, entry), *([Update(operator, {})] if present else [])]
