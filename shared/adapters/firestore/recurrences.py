"""Recurring orders in Firestore: `recurrences/{id}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Kind
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.pages import full_page
from shared.kernel.once import Once
from shared.orders.recurrence import Recurrence

RECURRENCES = Kind("recurrences", Recurrence)


class FirestoreRecurrences:
    """See `orders.ports.RecurrenceStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, recurrence_id: str) -> Recurrence | None:
        """See `RecurrenceStore.find`."""
        path = RECURRENCES.path(recurrence_id)
        return RECURRENCES.find(await self._store.database.get_all([path]), recurrence_id)

    async def of(self, customer_id: str, limit: int, after: tuple[object, ...]) -> Sequence[Recurrence]:
        """See `RecurrenceStore.of`, index (customer_id, created_at descending, id descending)."""
        query = Query(
            RECURRENCES.collection,
            where=(("customer_id", "==", customer_id),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after,
        )
        return await full_page(self._store.database, RECURRENCES, query)

    async def due(self, now: datetime, limit: int) -> Sequence[Recurrence]:
        """See `RecurrenceStore.due`."""
        query = Query(
            RECURRENCES.collection, where=(("due_at", "<=", now),), order_by=("due_at",), limit=limit
        )
        return await full_page(self._store.database, RECURRENCES, query)

    async def add(self, recurrence: Recurrence, once: Once | None) -> Recurrence:
        """See `RecurrenceStore.add`."""

        def decide(_: Docs) -> Commit[Recurrence]:
            return Commit([RECURRENCES.insert(recurrence.id, recurrence)], [], recurrence)

        return await self._store.change([RECURRENCES.path(recurrence.id)], decide, once)

    async def change(
        self,
        recurrence_id: str,
        decide: Callable[[Recurrence | None], Recurrence],
        once: Once | None = None,
    ) -> Recurrence:
        """See `RecurrenceStore.change`; what changes nothing writes nothing."""

        def decide_docs(docs: Docs) -> Commit[Recurrence]:
            before = RECURRENCES.find(docs, recurrence_id)
            after = decide(before)
            if before is None or after == before:
                return Commit([], [], after)
            return Commit([RECURRENCES.update(recurrence_id, before, after)], [], after)

        return await self._store.change([RECURRENCES.path(recurrence_id)], decide_docs, once)
