"""`payments.ports.PaymentStore` over Firestore: `orders` or `tips`, `payments` and `refunds` as one set
of books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from operator import getitem
from typing import Any, TypeVar

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert, Kind
from shared.adapters.firestore.database import Document, Operator, Query
from shared.kernel.once import Once
from shared.payments.books import Books, Decision
from shared.payments.domain import Payment, Refund
from shared.payments.payables import UNDELIVERED, Payable, is_tip, not_found
from shared.payments.ports import Cursor, Page

R = TypeVar("R")
T = TypeVar("T")
Condition = tuple[str, Operator, Any]

ORDERS = Kind("orders", Payable)
TIPS = Kind("tips", Payable)
PAYMENTS = Kind("payments", Payment)
REFUNDS = Kind("refunds", Refund)

_ENDED: Condition = ("fulfilment", "in", sorted(map(str, UNDELIVERED)))


class FirestorePayments:
    """See `PaymentStore`. Of an order or a tip the `payment` slice is written, and the mark `refund_at`
    cleared; nothing else."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._database = documents.database

    async def current(self, order_id: str, once: Once | None = None) -> Books:
        """See `PaymentStore.current`."""
        if once:
            await self._documents.recall(once)
        path = _payables(order_id).path(order_id)
        payable = _payable(await self._database.get_all([path]), order_id)
        latest = payable.payment.payment_id
        return Books(payable, await self.find(latest) if latest else None)

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

        payable = _payables(order_id).path(order_id)
        paths = [payable, PAYMENTS.path(payment_id), *map(REFUNDS.path, refund_ids)]
        return await self._documents.change(paths, decide_documents, once)

    async def due_payments(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payment]:
        """See `PaymentStore.due_payments`."""
        return await self._page(PAYMENTS, _ripe("payments", "due_at", now, limit, after))

    async def due_refunds(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Refund]:
        """See `PaymentStore.due_refunds`."""
        return await self._page(REFUNDS, _ripe("refunds", "due_at", now, limit, after))

    async def unsettled_orders(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payable]:
        """See `PaymentStore.unsettled_orders`."""
        return await self._page(ORDERS, _ripe("orders", "payment.settle_at", now, limit, after, _ENDED))

    async def owing_orders(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payable]:
        """See `PaymentStore.owing_orders`."""
        return await self._page(ORDERS, _ripe("orders", "refund_at", now, limit, after))

    async def unsettled_payments(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[Payment]:
        """See `PaymentStore.unsettled_payments`."""
        return await self._page(PAYMENTS, _ripe("payments", "settle_at", now, limit, after))

    async def _page(self, kind: Kind[T], query: Query) -> Page[T]:
        """A document that cannot be read is left out, yet the list goes on after it."""
        found = await self._database.query(query)
        last = found[-1].data if len(found) == query.limit else None
        return Page(kind.readable(found), _cursor(last, query.order_by) if last else None)


def _ripe(
    collection: str, field: str, now: datetime, limit: int, after: Cursor | None, *also: Condition
) -> Query:
    """A time that is null is less than no time, so what is settled costs the query nothing.

    A whole round writes one and the same time: the id tells its documents apart.
    """
    return Query(
        collection,
        where=(*also, (field, "<=", now)),
        order_by=(field, "id"),
        limit=limit,
        start_after=after or (),
    )


def _cursor(data: Document, order_by: Sequence[str]) -> Cursor:
    return tuple(reduce(getitem, field.split("."), data) for field in order_by)


def _payables(id_: str) -> Kind[Payable]:
    return TIPS if is_tip(id_) else ORDERS


def _payable(docs: Docs, id_: str) -> Payable:
    found = _payables(id_).find(docs, id_)
    if found is None:
        raise not_found(id_)
    return found


def _books(docs: Docs, order_id: str, payment_id: str, refund_ids: Sequence[str]) -> Books:
    found = [REFUNDS.find(docs, id_) for id_ in refund_ids]
    return Books(
        _payable(docs, order_id),
        PAYMENTS.find(docs, payment_id),
        {refund.id: refund for refund in found if refund},
    )


def _differences(before: Books, after: Books) -> list[Insert | Change]:
    """Return the writes that turn `before` into `after`; what is equal costs none."""
    writes: list[Insert | Change] = []
    if after.payable != before.payable:
        payables = _payables(after.payable.id)
        writes.append(payables.update(after.payable.id, before.payable, after.payable))
    if after.payment is not None and after.payment != before.payment:
        writes.append(_stored(PAYMENTS, after.payment.id, before.payment, after.payment))
    for id_, refund in after.refunds.items():
        if refund != before.refunds.get(id_):
            writes.append(_stored(REFUNDS, id_, before.refunds.get(id_), refund))
    if after.stray is not None:
        writes.append(PAYMENTS.insert(after.stray.id, after.stray))
    return writes


def _stored(kind: Kind[T], id_: str, before: T | None, after: T) -> Insert | Change:
    return kind.insert(id_, after) if before is None else kind.update(id_, before, after)
