"""Recurrences in Firestore: `recurrences/{id}`, and `recurrence_registers/{customer}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, Update
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.pages import full_page
from shared.adapters.firestore.read_set import require_read
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.recurrences.domain import Recurrence, record_placed


@dataclass(frozen=True, slots=True)
class Register:
    """The recurrences of a customer that were active when the latest was started, the latest included."""

    customer_id: str
    ids: tuple[str, ...] = ()


RECURRENCES = Collection("recurrences", Recurrence)
REGISTERS = Collection("recurrence_registers", Register)


def advance_recurrence(recurrence: Recurrence, occurrence: datetime) -> list[Update]:
    """Return the write that records an occurrence as placed; none where it is not the next."""
    after = record_placed(recurrence, occurrence)
    return [RECURRENCES.update(recurrence.id, recurrence, after)] if after != recurrence else []


class FirestoreRecurrences:
    """See `orders.recurrences.ports.RecurrenceStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, recurrence_id: str) -> Recurrence | None:
        """See `RecurrenceStore.find`."""
        path = RECURRENCES.path(recurrence_id)
        return RECURRENCES.find(await self._store.database.get_all([path]), recurrence_id)

    async def of(self, customer_id: str, limit: int, after: tuple[object, ...]) -> Sequence[Recurrence]:
        """See `RecurrenceStore.of`, index (customer_id, created_at descending, id descending)."""
        query = Query(
            RECURRENCES.name,
            where=(("customer_id", "==", customer_id),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after,
        )
        return await full_page(self._store.database, RECURRENCES, query)

    async def due(self, now: datetime, limit: int) -> Sequence[Recurrence]:
        """See `RecurrenceStore.due`."""
        query = Query(RECURRENCES.name, where=(("due_at", "<=", now),), order_by=("due_at",), limit=limit)
        return await full_page(self._store.database, RECURRENCES, query)

    async def add(
        self, customer_id: str, decide: Callable[[int], Recurrence], idempotency: IdempotentRequest | None
    ) -> Recurrence:
        """See `RecurrenceStore.add`. Concurrent starts write one register, so that each is counted."""

        def apply(docs: Docs) -> Decision[Writes, Recurrence]:
            before = REGISTERS.find(docs, customer_id)
            known = before.ids if before else ()
            require_read(docs, [RECURRENCES.path(id_) for id_ in known])
            found = [RECURRENCES.find(docs, id_) for id_ in known]
            active = [one.id for one in found if one and one.next_at]
            started = decide(len(active))
            after = Register(customer_id, (*active, started.id))
            write = (
                REGISTERS.update(customer_id, before, after)
                if before
                else REGISTERS.create(customer_id, after)
            )
            return Decision([write, RECURRENCES.create(started.id, started)], [], started)

        return await self._store.change([REGISTERS.path(customer_id)], apply, idempotency)

    async def change(
        self,
        recurrence_id: str,
        decide: Callable[[Recurrence | None], Recurrence],
        idempotency: IdempotentRequest | None = None,
    ) -> Recurrence:
        """See `RecurrenceStore.change`; an unchanged recurrence is not written."""

        def decide_docs(docs: Docs) -> Decision[Writes, Recurrence]:
            before = RECURRENCES.find(docs, recurrence_id)
            after = decide(before)
            if before is None or after == before:
                return Decision([], [], after)
            return Decision([RECURRENCES.update(recurrence_id, before, after)], [], after)

        return await self._store.change([RECURRENCES.path(recurrence_id)], decide_docs, idempotency)
