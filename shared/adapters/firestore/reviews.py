"""Reviews in Firestore: `reviews/{order}_{side}`, counted in `review_records/{uid}` of author and subject.

No client reads the records: they also name the people that a person is never matched with. Author and subject
read a review, so the member of staff who wrote one is in `reviews/{id}/private/author`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, Create, DocumentWrite, Update
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.memberships import is_member, staff_of
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Fulfilment
from shared.reviews.domain import (
    ABOUT_STAFF,
    SUBJECTS,
    Person,
    Review,
    ReviewSubject,
    Side,
    review_id,
    subject_of,
)
from shared.reviews.ports import PostDecision
from shared.reviews.reviewable import ReviewableOrder, ReviewedMerchant

PEOPLE = Collection("review_records", Person)
ORDERS = Collection("orders", ReviewableOrder)
REVIEWS = Collection("reviews", Review)
MERCHANTS = Collection("merchants", ReviewedMerchant)
AUTHOR = "author"
COUNTED = 10_000
"""Counting stops at this number of orders."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a review in the name of a merchant."""

    uid: str


class FirestoreReviews:
    """`ReviewStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def post(
        self,
        order_id: str,
        author: str,
        side: Side,
        decide: PostDecision,
        idempotency: IdempotentRequest | None,
    ) -> Review:
        """See `ReviewStore.post`; the order is not written, because a delivery and its parties are final."""
        name = review_id(order_id, side)

        def decide_docs(docs: Docs) -> Decision[Writes, Review]:
            order = ORDERS.find(docs, order_id)
            of_merchant = SUBJECTS[side] is ReviewSubject.MERCHANT
            person = subject_of(order, side) if order and not of_merchant else None
            subject = person_in(docs, person) if person else None
            merchant_id = order.merchant_id if order and side in ABOUT_STAFF else ""
            is_staff = is_member(docs, merchant_id, author)
            existing = REVIEWS.find(docs, name)
            decision = decide(order, existing, person_in(docs, author), subject, is_staff)
            counted = decision.state
            writes: list[DocumentWrite] = [REVIEWS.create(counted.review.id, counted.review)]
            if counted.review.author_id != author:
                writes.append(_writer_of(counted.review.id).create(AUTHOR, Writer(author)))
            writes += [saved(docs, changed) for changed in (counted.author, counted.subject) if changed]
            return Decision(writes, decision.events, decision.result)

        paths = [ORDERS.path(order_id), REVIEWS.path(name), PEOPLE.path(author)]
        return await self._store.change(paths, decide_docs, idempotency)

    async def about(
        self, subject_id: str, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[Review]:
        """See `ReviewStore.about`, index (subject_id, at descending, id descending)."""
        query = Query(
            REVIEWS.name,
            where=(("subject_id", "==", subject_id),),
            order_by=("-at", "-id"),
            limit=limit,
            start_after=after or (),
        )
        return REVIEWS.readable(await self._store.database.query(query))

    async def person(self, uid: str) -> Person | None:
        """See `ReviewStore.person`."""
        return person_in(await self._store.database.get_all([PEOPLE.path(uid)]), uid)

    async def merchant(self, merchant_id: str, uid: str) -> tuple[ReviewedMerchant | None, bool]:
        """See `ReviewStore.merchant`; one read of both documents."""
        paths = [MERCHANTS.path(merchant_id), staff_of(merchant_id).path(uid)]
        docs = await self._store.database.get_all(paths)
        return MERCHANTS.find(docs, merchant_id), is_member(docs, merchant_id, uid)


class FirestoreOrderCounts:
    """`OrderCounts` by aggregation queries; a thousand counted orders cost one read."""

    def __init__(self, store: DocumentStore) -> None:
        self._database = store.database

    async def as_customer(self, uid: str, fulfilment: Fulfilment | None = None) -> int:
        """See `OrderCounts.as_customer`."""
        where: tuple[tuple[str, Operator, str], ...] = (("customer_id", "==", uid),)
        if fulfilment:
            where += (("fulfilment", "==", fulfilment.value),)
        return await self._database.count(Query("orders", where=where, limit=COUNTED))

    async def as_driver(self, uid: str, fulfilment: Fulfilment) -> int:
        """See `OrderCounts.as_driver`."""
        where: tuple[tuple[str, Operator, str], ...] = (
            ("assignment.driver_id", "==", uid),
            ("fulfilment", "==", fulfilment.value),
        )
        return await self._database.count(Query("orders", where=where, limit=COUNTED))


def _writer_of(review: str) -> Collection[Writer]:
    return Collection(f"{REVIEWS.path(review)}/private", Writer)


def person_in(docs: Docs, uid: str) -> Person | None:
    """Return the person among the documents that were read."""
    data = docs[PEOPLE.path(uid)].data
    return None if data is None else PEOPLE.parse({**data, "uid": uid})


def saved(docs: Docs, person: Person) -> Create | Update:
    """Return the write that stores a person's ratings and blocks."""
    before = person_in(docs, person.uid)
    if before is None:
        return PEOPLE.create(person.uid, person)
    change = PEOPLE.update(person.uid, before, person)
    return Update(change.path, {**change.data, "uid": person.uid})
