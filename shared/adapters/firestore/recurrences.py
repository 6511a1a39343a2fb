"""Recurrences in Firestore: `recurrences/{id}`, and `recurrence_registers/{customer}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.orders import ORDERS, load_placement
from shared.adapters.firestore.pages import full_page, read_page
from shared.adapters.firestore.read_set import require_read
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import Order
from shared.orders.recurrences.domain import Recurrence, RecurrenceDecision
from shared.orders.recurrences.ports import OccurrenceContext, OccurrenceDecision, OccurrenceKey


@dataclass(frozen=True, slots=True)
class Register:
    """The recurrences of a customer that were active when the latest was started, the latest included."""

    customer_id: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """The part of a customer's account that placing an occurrence reads."""

    disabled: bool = False


RECURRENCES = Collection("recurrences", Recurrence)
REGISTERS = Collection("recurrence_registers", Register)
CUSTOMERS = Collection("auth", Customer)


class FirestoreRecurrences:
    """See `orders.recurrences.ports.RecurrenceStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, recurrence_id: str) -> Recurrence | None:
        """See `RecurrenceStore.find`."""
        path = RECURRENCES.path(recurrence_id)
        return RECURRENCES.find(await self._store.database.get_all([path]), recurrence_id)

    async def list_of_customer(
        self, customer_id: str, limit: int, after: tuple[object, ...]
    ) -> Sequence[Recurrence]:
        """See `RecurrenceStore.list_of_customer`, index (customer_id, -created_at, -id)."""
        query = Query(
            RECURRENCES.name,
            where=(("customer_id", "==", customer_id),),
            order_by=("-created_at", "-id"),
            limit=limit,
            start_after=after,
        )
        return await full_page(self._store.database, RECURRENCES, query)

    async def due(self, now: datetime, limit: int, cursor: Cursor | None) -> Page[Recurrence]:
        """See `RecurrenceStore.due`, index (due_at, id)."""
        query = Query(
            RECURRENCES.name,
            where=(("due_at", "<=", now),),
            order_by=("due_at", "id"),
            limit=limit,
            start_after=cursor or (),
        )
        return await read_page(self._store.database, RECURRENCES, query)

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
        decide: Callable[[Recurrence | None], RecurrenceDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Recurrence:
        """See `RecurrenceStore.change`; an unchanged recurrence is not written."""

        def decide_docs(docs: Docs) -> Decision[Writes, Recurrence]:
            before = RECURRENCES.find(docs, recurrence_id)
            decision = decide(before)
            after = decision.state
            if before is None or after == before:
                return Decision([], decision.events, decision.result)
            write = RECURRENCES.update(recurrence_id, before, after)
            return Decision([write], decision.events, decision.result)

        return await self._store.change([RECURRENCES.path(recurrence_id)], decide_docs, idempotency)

    async def place(
        self, key: OccurrenceKey, decide: Callable[[OccurrenceContext], OccurrenceDecision]
    ) -> Order:
        """See `RecurrenceStore.place`."""
        placement = await load_placement(self._store.database, key.quote_id, key.order_id)

        def apply(docs: Docs) -> Decision[Writes, Order]:
            before = RECURRENCES.find(docs, key.recurrence_id)
            customer = CUSTOMERS.find(docs, key.customer_id)
            closed = customer is not None and customer.disabled
            latest = _orders(docs, before.latest_orders if before else ())
            decision = decide(OccurrenceContext(placement.context(docs), before, closed, latest))
            writes = placement.writes(docs, decision.state.order)
            if before is not None:
                writes.append(RECURRENCES.update(before.id, before, decision.state.recurrence))
            return Decision(writes, decision.events, decision.result)

        own = [RECURRENCES.path(key.recurrence_id), CUSTOMERS.path(key.customer_id)]
        return await self._store.change([*placement.paths, *own], apply)


def _orders(docs: Docs, ids: Sequence[str]) -> list[Order | None]:
    """Return the orders with these ids; what was not read is read first."""
    require_read(docs, [ORDERS.path(id_) for id_ in ids])
    return [ORDERS.find(docs, id_) for id_ in ids]
