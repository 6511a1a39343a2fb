"""`payments.ports.PaymentStore` over Firestore: `orders`, `payments` and `refunds` as one set of books."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert, Kind
from shared.adapters.firestore.database import Query
from shared.kernel.once import Once
from shared.payments.domain import Books, Decision, Order, OrderNotFound, Payment, Refund

R = TypeVar("R")

ORDERS = Kind("orders", Order)
PAYMENTS = Kind("payments", Payment)
REFUNDS = Kind("refunds", Refund)


class FirestorePayments:
    """See `PaymentStore`. Of an order only the `payment` slice is ever written."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._database = documents.database

    async def current(self, order_id: str, now: datetime, once: Once | None = None) -> Books:
        """See `PaymentStore.current`."""
        record = [f"idempotency/{once.id}"] if once else []
        docs = await self._database.get_all([ORDERS.path(order_id), *record])
        if once:
            _check_answered(docs, once, now)
        order = ORDERS.find(docs, order_id)
        if order is None:
            raise OrderNotFound
        latest = order.payment.payment_id
        return Books(order, await self.find(latest) if latest else None)

    async def find(self, payment_id: str) -> Payment | None:
        """See `PaymentStore.find`."""
        return PAYMENTS.find(await self._database.get_all([PAYMENTS.path(payment_id)]), payment_id)

    async def change(
        self,
        order_id: str,
        payment_id: str,
        decide: Callable[[Books], Decision[R]],
        *,
        refund_ids: Sequence[str] = (),
        once: Once | None = None,
    ) -> R:
        """See `PaymentStore.change`."""

        def decide_documents(docs: Docs) -> Commit[R]:
            before = _books(docs, order_id, payment_id, refund_ids)
            decision = decide(before)
            return Commit(_differences(before, decision.books), decision.events, decision.result)

        paths = [ORDERS.path(order_id), PAYMENTS.path(payment_id), *map(REFUNDS.path, refund_ids)]
        return await self._documents.change(paths, decide_documents, once)

    async def due_payments(self, now: datetime, limit: int) -> Sequence[Payment]:
        """See `PaymentStore.due_payments`."""
        return PAYMENTS.readable(await self._database.query(_due("payments", now, limit)))

    async def due_refunds(self, now: datetime, limit: int) -> Sequence[Refund]:
        """See `PaymentStore.due_refunds`."""
        return REFUNDS.readable(await self._database.query(_due("refunds", now, limit)))


def _due(collection: str, now: datetime, limit: int) -> Query:
    """A null `due_at` is less than no time, so what is settled costs the query nothing."""
    return Query(collection, where=(("due_at", "<=", now),), order_by=("due_at",), limit=limit)


def _check_answered(docs: Docs, once: Once, now: datetime) -> None:
    record = docs[f"idempotency/{once.id}"].data
    if record:
        once.check(record["fingerprint"], json.loads(record["answer"]), record["expires_at"], now)


def _books(docs: Docs, order_id: str, payment_id: str, refund_ids: Sequence[str]) -> Books:
    order = ORDERS.find(docs, order_id)
    if order is None:
        raise OrderNotFound
    found = [REFUNDS.find(docs, id_) for id_ in refund_ids]
    return Books(order, PAYMENTS.find(docs, payment_id), {refund.id: refund for refund in found if refund})


def _differences(before: Books, after: Books) -> list[Insert | Change]:
    """Return the writes that turn `before` into `after`; what is equal costs none."""
    writes: list[Insert | Change] = []
    if after.order != before.order:
        writes.append(ORDERS.update(after.order.id, before.order, after.order))
    if after.payment is not None and after.payment != before.payment:
        writes.append(_stored(PAYMENTS, after.payment.id, before.payment, after.payment))
    for id_, refund in after.refunds.items():
        if refund != before.refunds.get(id_):
            writes.append(_stored(REFUNDS, id_, before.refunds.get(id_), refund))
    return writes


T = TypeVar("T")


def _stored(kind: Kind[T], id_: str, before: T | None, after: T) -> Insert | Change:
    return kind.insert(id_, after) if before is None else kind.update(id_, before, after)
