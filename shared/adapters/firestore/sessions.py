"""Sign-ins in Firestore: `users/{uid}/sessions/{id}`, and `second_factors/{uid}`, which no app can read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.accounts.domain import Account
from shared.adapters.firestore.accounts import ACCOUNTS, account_in, recorded, saved, sessions_of, silenced
from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.pages import full_page
from shared.identity.factor_reset import FactorReset
from shared.identity.second_factor import SecondFactor, Security
from shared.identity.sessions import Session, Visit
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision

FACTORS = Collection("second_factors", SecondFactor)


class FirestoreSessions:
    """`SessionStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def live(self, uid: str, after: datetime, limit: int) -> Sequence[Session]:
        """See `SessionStore.live`; index (revoked_at, created_at descending)."""
        collection = sessions_of(uid)
        query = Query(
            collection.name,
            where=(("revoked_at", "==", None), ("created_at", ">", after)),
            order_by=("-created_at",),
            limit=limit,
        )
        return await full_page(self._store.database, collection, query)

    async def change(
        self, uid: str, session_id: str, decide: Callable[[Account | None, Session | None], Visit]
    ) -> Visit:
        """See `SessionStore.change`; most visits change nothing and cost one read."""
        sessions = sessions_of(uid)

        def decide_docs(docs: Docs) -> Decision[Writes, Visit]:
            visit = decide(account_in(docs, uid), sessions.find(docs, session_id))
            return Decision(_visited(docs, uid, visit.account, visit.session), [], visit)

        return await self._store.change([ACCOUNTS.path(uid), sessions.path(session_id)], decide_docs)


class FirestoreSecondFactors:
    """`SecondFactorStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, uid: str) -> SecondFactor | None:
        """See `SecondFactorStore.find`."""
        return FACTORS.find(await self._store.database.get_all([FACTORS.path(uid)]), uid)

    async def change(
        self,
        person: Principal,
        decide: Callable[[Account | None, Session | None, SecondFactor | None], Security],
    ) -> Security:
        """See `SecondFactorStore.change`. A code that is taken changes the factor, so of two at once
        one is decided again."""
        uid, sessions = person.uid, sessions_of(person.uid)

        def decide_docs(docs: Docs) -> Decision[Writes, Security]:
            before = FACTORS.find(docs, uid)
            after = decide(account_in(docs, uid), sessions.find(docs, person.session_id), before)
            writes = _visited(docs, uid, after.account, after.session)
            return Decision([*writes, *_factor(uid, before, after.factor)], [], after)

        paths = [ACCOUNTS.path(uid), sessions.path(person.session_id), FACTORS.path(uid)]
        return await self._store.change(paths, decide_docs)

    async def reset(
        self,
        uid: str,
        operator: str,
        decide: Callable[[Account | None, Account | None, SecondFactor | None], FactorReset],
    ) -> Account:
        """See `SecondFactorStore.reset`."""

        def decide_docs(docs: Docs) -> Decision[Writes, Account]:
            factor = FACTORS.find(docs, uid)
            after = decide(account_in(docs, uid), account_in(docs, operator), factor)
            if after.entry is None or after.event is None:
                return Decision([], [], after.account)
            writes = [saved(docs, uid, after.account), *recorded(docs, uid, after.entry)]
            return Decision([*writes, *_factor(uid, factor, None)], [after.event], after.account)

        paths = [ACCOUNTS.path(uid), ACCOUNTS.path(operator), FACTORS.path(uid)]
        return await self._store.change(paths, decide_docs)


def _visited(docs: Docs, uid: str, account: Account, session: Session) -> list[DocumentWrite]:
    """Return the writes of what is otherwise than it was read."""
    sessions = sessions_of(uid)
    known = sessions.find(docs, session.id)
    changed = account != account_in(docs, uid)
    writes: list[DocumentWrite] = (
        [saved(docs, uid, account), *silenced(docs, uid, account)] if changed else []
    )
    if known is None:
        writes.append(sessions.create(session.id, session))
    elif known != session:
        writes.append(sessions.update(session.id, known, session))
    return writes


def _factor(uid: str, before: SecondFactor | None, after: SecondFactor | None) -> list[DocumentWrite]:
    if before == after:
        return []
    if after is None:
        return [FACTORS.delete(uid)]
    return [FACTORS.update(uid, before, after) if before else FACTORS.create(uid, after)]
