"""`DispatchStore` over Firestore: `orders/{id}` (the assignment, see `dispatch_orders`), `offers/{id}`,
`drivers/{uid}`.

The driver's app listens to `offers/{id}`. The ranking behind the offer is for support alone and is stored
with the search of the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shared.adapters.firestore.change import DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, Create, Update
from shared.adapters.firestore.database import Operator, Query, Snapshot
from shared.adapters.firestore.dispatch_orders import (
    ORDERS,
    order_in,
    order_paths,
    order_writes,
    with_searches,
)
from shared.adapters.firestore.memberships import is_member
from shared.adapters.firestore.pages import full_page, read_page
from shared.adapters.firestore.read_set import require_read
from shared.dispatch.domain import ENDED, AssignmentContext, Offer, Order, order_id_of
from shared.dispatch.drivers import Driver
from shared.dispatch.machine import ReviewState
from shared.dispatch.ports import DriverFilter, Keys, Sight
from shared.kernel.audit import AuditEntry
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import PAID, AssignmentState, Fulfilment

R = TypeVar("R")
T = TypeVar("T")
Own = TypeVar("Own", bound="_Identified")
Docs = Mapping[str, Snapshot]
Where = tuple[tuple[str, Operator, Any], ...]

OFFERS = Collection("offers", Offer)
AUDIT = Collection("audit", AuditEntry)
DRIVERS = Collection("drivers", Driver)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CountedReview:
    """`drivers/{uid}/reviews/{id}`: marks the review as counted in the driver's rating."""

    id: str


class FirestoreDispatch:
    """Implement `shared.dispatch.ports.DispatchStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def order(self, order_id: str) -> Order | None:
        """See `DispatchStore.order`."""
        return order_in(await self._store.database.get_all(order_paths(order_id)), order_id)

    async def sight(self, order_id: str) -> Sight | None:
        """See `DispatchStore.sight`."""
        docs = await self._store.database.get_all(order_paths(order_id))
        order = order_in(docs, order_id)
        return Sight(order, docs) if order else None

    async def offer(self, offer_id: str) -> Offer | None:
        """See `DispatchStore.offer`."""
        return await self._read(OFFERS, offer_id)

    async def driver(self, driver_id: str) -> Driver | None:
        """See `DispatchStore.driver`."""
        return await self._read(DRIVERS, driver_id)

    async def drivers(self, by: DriverFilter) -> Sequence[Driver]:
        """See `DispatchStore.drivers`; indexes (approved or review_state, status, id).

        `approved` stands for its state of the review: drivers of earlier versions have that field alone.
        """
        where: Where = ()
        if by.review is ReviewState.APPROVED:
            where += (("approved", "==", True),)
        elif by.review:
            where += (("review_state", "==", by.review.value),)
        if by.status:
            where += (("status", "==", by.status.value),)
        query = Query(DRIVERS.name, where=where, order_by=("id",), limit=by.limit, start_after=by.after)
        return await full_page(self._store.database, DRIVERS, query)

    async def change(
        self,
        keys: Keys,
        decide: Callable[[AssignmentContext], Decision[AssignmentContext, R]],
        idempotency: IdempotentRequest | None = None,
        sight: Sight | None = None,
    ) -> R:
        """See `DispatchStore.change`."""

        def decide_docs(docs: Docs) -> Decision[Writes, R]:
            context = self._context(docs, keys)
            decision = decide(context)
            after = decision.state
            writes = [
                *order_writes(docs, context.order, after.order, after.ranking),
                *_write(OFFERS, context.offer, after.offer),
                *_write(DRIVERS, context.driver, after.driver),
                *([AUDIT.create(after.audit.id, after.audit)] if after.audit else []),
            ]
            return Decision(writes, decision.events, decision.result)

        seen = sight.source if sight else None
        return await self._store.change(_paths(keys), decide_docs, idempotency, seen)

    def _context(self, docs: Docs, keys: Keys) -> AssignmentContext:
        driver = _find(DRIVERS, docs, keys.driver)
        if keys.outstanding and driver and driver.outstanding_offer:
            offer = driver.outstanding_offer
            keys = Keys(order_id_of(offer), offer, driver.id)
            require_read(docs, _paths(keys))
        order = order_in(docs, keys.order) if keys.order else None
        return AssignmentContext(
            order,
            _find(OFFERS, docs, keys.offer),
            driver,
            read_at=_read_at([docs[path] for path in _paths(keys)]) or self._store.clock(),
            offered_at=docs[OFFERS.path(keys.offer)].update_time if keys.offer else None,
            operator_is_staff=bool(order and keys.operator)
            and is_member(docs, order.merchant_id if order else "", keys.operator),
        )

    async def count_review(
        self, driver_id: str, review_id: str, decide: Callable[[Driver], Driver]
    ) -> Driver | None:
        """See `DispatchStore.count_review`; the mark is created in the same commit and is the lock."""
        counted = Collection(f"{DRIVERS.path(driver_id)}/reviews", CountedReview)

        def decide_docs(docs: Docs) -> Decision[Writes, Driver | None]:
            driver = DRIVERS.find(docs, driver_id)
            if driver is None or counted.find(docs, review_id):  # mutant: review-counted-again
                return Decision((), (), driver)
            after = decide(driver)
            mark = counted.create(review_id, CountedReview(review_id))
            return Decision([mark, *_write(DRIVERS, driver, after)], (), after)

        return await self._store.change([DRIVERS.path(driver_id), counted.path(review_id)], decide_docs)

    async def not_matched(self, uid: str) -> frozenset[str]:
        """See `DispatchStore.not_matched`; one read. A field that is not a list counts as empty."""
        path = f"review_records/{uid}"
        named = ((await self._store.database.get_all([path]))[path].data or {}).get("not_matched")
        return frozenset(map(str, named)) if isinstance(named, list | tuple) else frozenset()

    async def open_offers(
        self, expired_before: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Offer]:
        """See `DispatchStore.open_offers`, index (state, expires_at, id)."""
        where: Where = (("state", "==", "open"), ("expires_at", "<", expired_before))
        return await self._page(OFFERS, where, "expires_at", limit, cursor)

    async def searching_orders(
        self, idle_since: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Order]:
        """See `DispatchStore.searching_orders`, index (assignment.state, assignment.since, id)."""
        where: Where = (
            ("assignment.state", "==", AssignmentState.SEARCHING.value),
            ("assignment.since", "<", idle_since),
        )
        return await self._orders(where, "assignment.since", limit, cursor)

    async def waiting_orders(
        self, state: AssignmentState, untouched_since: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Order]:
        """See `DispatchStore.waiting_orders`; every change of an order sets `updated_at`.

        Index (fulfilment, assignment.state, payment.state, updated_at, id).
        """
        where: Where = (
            ("fulfilment", "==", Fulfilment.READY.value),
            ("assignment.state", "==", state.value),
            ("payment.state", "in", sorted(paid.value for paid in PAID)),
            ("updated_at", "<", untouched_since),
        )
        return await self._orders(where, "updated_at", limit, cursor)

    async def orders_to_check(self, now: datetime, limit: int, cursor: Cursor | None = None) -> Page[Order]:
        """See `DispatchStore.orders_to_check`, index (assignment.check_at, id)."""
        where: Where = (("assignment.check_at", "<=", now),)
        return await self._orders(where, "assignment.check_at", limit, cursor)

    async def ended_orders(
        self, untouched_since: datetime, limit: int, cursor: Cursor | None = None
    ) -> Page[Order]:
        """See `DispatchStore.ended_orders`.

        Index (assignment.has_active_work, fulfilment, updated_at, id).
        """
        where: Where = (
            ("assignment.has_active_work", "==", True),
            ("fulfilment", "in", sorted(state.value for state in ENDED)),
            ("updated_at", "<", untouched_since),
        )
        return await self._orders(where, "updated_at", limit, cursor)

    async def _read(self, collection: Collection[T], id: str) -> T | None:  # noqa: A002 - the document's id
        return collection.find(await self._store.database.get_all([collection.path(id)]), id)

    async def _orders(self, where: Where, order_by: str, limit: int, cursor: Cursor | None) -> Page[Order]:
        page = await self._page(ORDERS, where, order_by, limit, cursor)
        return await with_searches(self._store.database, page)

    async def _page(
        self, collection: Collection[T], where: Where, order_by: str, limit: int, cursor: Cursor | None
    ) -> Page[T]:
        name = collection.name
        query = Query(name, where=where, order_by=(order_by, "id"), limit=limit, start_after=cursor or ())
        return await read_page(self._store.database, collection, query)


def _paths(keys: Keys) -> list[str]:
    named: tuple[tuple[Collection[Any], str | None], ...] = ((OFFERS, keys.offer), (DRIVERS, keys.driver))
    paths = order_paths(keys.order) if keys.order is not None else []
    return paths + [collection.path(key) for collection, key in named if key is not None]


def _read_at(docs: Sequence[Snapshot]) -> datetime | None:
    """Return when order, offer and driver were read, by the clock of the database, where it says so.

    A membership that a decision asked for afterwards makes no offer longer.
    """
    return max((found.read_time for found in docs if found.read_time), default=None)


def _find(collection: Collection[T], docs: Docs, id: str | None) -> T | None:  # noqa: A002
    return collection.find(docs, id) if id is not None else None


def _write(collection: Collection[Own], before: Own | None, after: Own | None) -> list[Create | Update]:
    """Return the write of a changed document; no write when nothing differs."""
    if after is None or after == before:
        return []
    return (
        [collection.create(after.id, after)]
        if before is None
        else [collection.update(after.id, before, after)]
    )
