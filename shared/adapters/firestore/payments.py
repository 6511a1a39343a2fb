"""`payments.ports.PaymentStore` over Firestore: `orders`, `tips`, `payments` and `refunds`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from shared.adapters.firestore.change import Docs, DocumentStore, Writes, absent
from shared.adapters.firestore.codec import Collection, Create, Update
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.pages import read_page
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.aggregate import PaymentAggregate
from shared.payments.domain import Payment, Refund
from shared.payments.subjects import UNDELIVERED, ChargeSubject, not_found

R = TypeVar("R")
T = TypeVar("T")
Condition = tuple[str, Operator, Any]


@dataclass(frozen=True, slots=True)
class Subjects(Collection[ChargeSubject]):
    """A collection of charge subjects; the reference of each is its collection's kind and its id."""

    kind: ChargeKind

    def parse(self, data: Mapping[str, Any]) -> ChargeSubject:
        """Return the charge subject of a document's fields."""
        id_ = data.get("id")
        derived = {"ref": {"kind": self.kind, "id": id_}, "order_id": data.get("order_id", id_)}
        return Collection.parse(self, {**data, **derived})


ORDERS = Subjects("orders", ChargeSubject, ChargeKind.ORDER)
TIPS = Subjects("tips", ChargeSubject, ChargeKind.TIP)
SUBJECTS = {subjects.kind: subjects for subjects in (ORDERS, TIPS)}
PAYMENTS = Collection("payments", Payment)
REFUNDS = Collection("refunds", Refund)

_ENDED: Condition = ("fulfilment", "in", sorted(map(str, UNDELIVERED)))


class FirestorePayments:
    """See `PaymentStore`. Of an order or a tip it writes the `payment` slice and clears `refund_at`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._database = documents.database

    async def load(
        self, subject_ref: SubjectRef, idempotency: IdempotentRequest | None = None
    ) -> PaymentAggregate:
        """See `PaymentStore.load`."""
        docs = await self._database.get_all([_path(subject_ref)])
        found = SUBJECTS[subject_ref.kind].find(docs, subject_ref.id)
        if idempotency and (found is None or found.payment.payment_id):
            await self._documents.check_unanswered(idempotency)
        subject = _subject(docs, subject_ref)
        latest = subject.payment.payment_id
        return PaymentAggregate(subject, await self.find(latest) if latest else None, source=docs)

    async def find(self, payment_id: str) -> Payment | None:
        """See `PaymentStore.find`."""
        return PAYMENTS.find(await self._database.get_all([PAYMENTS.path(payment_id)]), payment_id)

    async def change(
        self,
        subject_ref: SubjectRef,
        payment_id: str,
        decide: Callable[[PaymentAggregate], Decision[PaymentAggregate, R]],
        *,
        refund_ids: Sequence[str] = (),
        idempotency: IdempotentRequest | None = None,
        loaded: PaymentAggregate | None = None,
    ) -> R:
        """See `PaymentStore.change`."""

        def decide_documents(docs: Docs) -> Decision[Writes, R]:
            before = _aggregate(docs, subject_ref, payment_id, refund_ids)
            decision = decide(before)
            return Decision(_differences(before, decision.state), decision.events, decision.result)

        paths = [_path(subject_ref), PAYMENTS.path(payment_id), *map(REFUNDS.path, refund_ids)]
        return await self._documents.change(
            paths, decide_documents, idempotency, _guess(loaded, payment_id) if loaded else None
        )

    async def due_payments(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Payment]:
        """See `PaymentStore.due_payments`."""
        return await self._page(PAYMENTS, _due_query("payments", "due_at", now, limit, after))

    async def due_refunds(self, now: datetime, limit: int, after: Cursor | None = None) -> Page[Refund]:
        """See `PaymentStore.due_refunds`."""
        return await self._page(REFUNDS, _due_query("refunds", "due_at", now, limit, after))

    async def orders_to_reconcile(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[ChargeSubject]:
        """See `PaymentStore.orders_to_reconcile`."""
        return await self._page(
            ORDERS, _due_query("orders", "payment.reconcile_after", now, limit, after, _ENDED)
        )

    async def orders_with_refund_due(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[ChargeSubject]:
        """See `PaymentStore.orders_with_refund_due`."""
        return await self._page(ORDERS, _due_query("orders", "refund_at", now, limit, after))

    async def payments_to_reconcile(
        self, now: datetime, limit: int, after: Cursor | None = None
    ) -> Page[Payment]:
        """See `PaymentStore.payments_to_reconcile`."""
        return await self._page(PAYMENTS, _due_query("payments", "reconcile_after", now, limit, after))

    async def _page(self, collection: Collection[T], query: Query) -> Page[T]:
        return await read_page(self._database, collection, query)


def _due_query(
    collection: str, field: str, now: datetime, limit: int, after: Cursor | None, *also: Condition
) -> Query:
    """Return the query for documents whose time in `field` has passed.

    A null time matches no comparison, so finished documents cost nothing. Many documents can have the
    same time, so the id breaks ties.
    """
    return Query(
        collection,
        where=(*also, (field, "<=", now)),
        order_by=(field, "id"),
        limit=limit,
        start_after=after or (),
    )


def _path(ref: SubjectRef) -> str:
    return SUBJECTS[ref.kind].path(ref.id)


def _subject(docs: Docs, ref: SubjectRef) -> ChargeSubject:
    found = SUBJECTS[ref.kind].find(docs, ref.id)
    if found is None:
        raise not_found(ref)
    return found


def _aggregate(docs: Docs, ref: SubjectRef, payment_id: str, refund_ids: Sequence[str]) -> PaymentAggregate:
    found = [REFUNDS.find(docs, id_) for id_ in refund_ids]
    return PaymentAggregate(
        _subject(docs, ref),
        PAYMENTS.find(docs, payment_id),
        {refund.id: refund for refund in found if refund},
    )


def _guess(loaded: PaymentAggregate, payment_id: str) -> Docs | None:
    """Return what a new payment of a subject rests on; None for one that is stored."""
    if loaded.payment and loaded.payment.id == payment_id:
        return None
    return {**loaded.source, **absent(PAYMENTS.path(payment_id))}


def _differences(before: PaymentAggregate, after: PaymentAggregate) -> list[Create | Update]:
    """Return the writes that turn `before` into `after`; what is equal costs none."""
    writes: list[Create | Update] = []
    if after.subject != before.subject:
        subjects = SUBJECTS[after.subject.ref.kind]
        writes.append(subjects.update(after.subject.id, before.subject, after.subject))
    if after.payment is not None and after.payment != before.payment:
        writes.append(_stored(PAYMENTS, after.payment.id, before.payment, after.payment))
    for id_, refund in after.refunds.items():
        if refund != before.refunds.get(id_):
            writes.append(_stored(REFUNDS, id_, before.refunds.get(id_), refund))
    if after.unmatched is not None:
        writes.append(PAYMENTS.create(after.unmatched.id, after.unmatched))
    return writes


def _stored(collection: Collection[T], id_: str, before: T | None, after: T) -> Create | Update:
    return collection.create(id_, after) if before is None else collection.update(id_, before, after)
