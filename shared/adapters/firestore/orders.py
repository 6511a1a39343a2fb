"""Orders and quotes in Firestore: `orders/{id}`, `quotes/{id}`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from shared.adapters.firestore.change import Docs, DocumentStore, Writes, absent
from shared.adapters.firestore.codec import Collection, Create, DocumentWrite, Update
from shared.adapters.firestore.database import Database, Operator, Query
from shared.adapters.firestore.deliveries import with_release
from shared.adapters.firestore.memberships import is_member
from shared.adapters.firestore.pages import full_page, read_page
from shared.adapters.firestore.reservations import (
    capacity_of,
    is_blocked,
    read_stock,
    release_writes,
    reserve_writes,
)
from shared.adapters.firestore.shops import MERCHANTS, menus_of, openings_of, place_of, stock_of
from shared.adapters.firestore.unpaid import REGISTERS, read_unpaid, remember, unpaid_in
from shared.adapters.firestore.zones import FirestoreZones
from shared.catalogue.domain import Merchant
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.geo import Point
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, Order, OrderDecision, OrderDetails, OrderNotFound
from shared.orders.ports import OrderFilter, PlacementContext
from shared.orders.pricing import Line, MenuItem, recounted
from shared.orders.quotes import Quote
from shared.orders.reservations import stocked

R = TypeVar("R")

ORDERS = Collection("orders", Order)
DETAILS = "details"
"""The field that is a document of its own, `orders/{id}/private/customer`: see `closing`."""

CUSTOMER = "customer"
QUOTES = Collection("quotes", Quote)

_FIELDS = {"customer": "customer_id", "merchant": "merchant_id", "driver": "assignment.driver_id"}


class FirestoreQuotes:
    """See `orders.ports.QuoteStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def add(self, quote: Quote) -> None:
        """See `QuoteStore.add`."""

        def apply(_: Docs) -> Decision[Writes, None]:
            return Decision([QUOTES.create(quote.id, quote)], [], None)

        await self._store.change([], apply)


class FirestoreOrders:
    """See `orders.ports.OrderStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def get(self, order_id: str) -> Order:
        """See `OrderStore.get`."""
        return _existing(await self._store.database.get_all([ORDERS.path(order_id)]), order_id)

    async def details(self, order_ids: Sequence[str]) -> Mapping[str, OrderDetails]:
        """See `OrderStore.details`; one read for each order."""
        collections = {order_id: details_of(order_id) for order_id in order_ids}
        paths = [collection.path(CUSTOMER) for collection in collections.values()]
        docs = await self._store.database.get_all(paths) if paths else {}
        found = {order_id: collection.find(docs, CUSTOMER) for order_id, collection in collections.items()}
        return {order_id: details for order_id, details in found.items() if details}

    async def list_orders(self, filter_: OrderFilter) -> Sequence[Order]:
        """See `OrderStore.list_orders`."""
        query = Query(
            "orders",
            where=tuple(_conditions(filter_)),
            order_by=("-placed_at", "-id"),
            limit=filter_.limit,
            start_after=filter_.after,
        )
        return await full_page(self._store.database, ORDERS, query)

    async def unpaid_of(self, customer_id: str) -> Sequence[Order]:
        """See `OrderStore.unpaid_of`."""
        return await read_unpaid(self._store.database, customer_id)

    async def due(self, now: datetime, limit: int, cursor: Cursor | None = None) -> Page[Order]:
        """See `OrderStore.due`, index (next_check_at, id). A null `next_check_at` sorts before all times."""
        query = Query(
            ORDERS.name,
            where=(("next_check_at", "<=", now),),
            order_by=("next_check_at", "id"),
            limit=limit,
            start_after=cursor or (),
        )
        return await read_page(self._store.database, ORDERS, query)

    async def place(
        self,
        quote_id: str,
        order_id: str,
        decide: Callable[[PlacementContext], OrderDecision],
        idempotency: IdempotentRequest | None,
    ) -> Order:
        """See `OrderStore.place`."""
        placement = await load_placement(self._store.database, quote_id, order_id)

        def apply(docs: Docs) -> Decision[Writes, Order]:
            decision = decide(placement.context(docs))
            return Decision(placement.writes(docs, decision.state), decision.events, decision.result)

        new = absent(ORDERS.path(order_id))
        return await self._store.change(placement.paths, apply, idempotency, new)

    async def change(
        self,
        order_id: str,
        decide: Callable[[Order], Decision[Order, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """See `OrderStore.change`."""

        return await change_order(self._store, order_id, lambda order, _: decide(order), idempotency)

    async def change_as_party(
        self,
        order_id: str,
        decide: Callable[[Order, IsStaff], Decision[Order, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """See `OrderStore.change_as_party`. The membership is a document of the same decision."""

        def decide_docs(order: Order, docs: Docs) -> Decision[Order, R]:
            return decide(order, staff_check(docs, order))

        return await change_order(self._store, order_id, decide_docs, idempotency)


@dataclass(frozen=True, slots=True)
class Placement:
    """The documents that placing an order reads, and the writes that it makes."""

    quote: Quote | None
    order_id: str
    serves: bool = True
    """Whether orders are delivered at the quote's address."""

    @property
    def paths(self) -> list[str]:
        """The documents that are always read."""
        stock = stock_of(self._merchant_id)
        paths = [ORDERS.path(self.order_id), MERCHANTS.path(self._merchant_id)]
        paths += [REGISTERS.path(self.quote.customer_id)] if self.quote else []
        return paths + [stock.path(item) for item in stocked(self._lines)]

    def context(self, docs: Docs) -> PlacementContext:
        """Return the documents as the decision gets them."""
        merchant = MERCHANTS.find(docs, self._merchant_id)
        menu = self._newer_menu(docs, merchant)
        counted = recounted(self.quote.items, menu) if self.quote and menu is not None else self._lines
        return PlacementContext(  # mutant: newest-menu
            quote=self.quote,
            existing=ORDERS.find(docs, self.order_id),
            opening_at=openings_of(merchant),
            on_hand=read_stock(docs, self._merchant_id, list(stocked(counted))),
            capacity=capacity_of(docs, merchant),
            menu=menu,
            place=place_of(merchant) if merchant else None,
            serves=self.serves,
            blocked=is_blocked(docs, merchant, self.quote.customer_id) if self.quote else False,
            unpaid=unpaid_in(docs, self.quote.customer_id) if self.quote else (),
        )

    def _newer_menu(self, docs: Docs, merchant: Merchant | None) -> tuple[MenuItem, ...] | None:
        """Return the current menu where it is not the quote's own; only then it is read."""
        if merchant is None or self.quote is None or merchant.menu_version == self.quote.menu_version:
            return None
        menu = menus_of(merchant.id).find(docs, str(merchant.menu_version))
        return menu.items if menu else ()

    def writes(self, docs: Docs, order: Order) -> list[DocumentWrite]:
        """Return the writes that store a new order, remember it as unpaid, and take what it reserves."""
        created = ORDERS.create(order.id, order)
        stored = Create(created.path, _without_details(created.data))
        return [stored, remember(docs, order), *reserve_writes(docs, order)]  # mutant: unpaid-unremembered

    @property
    def _merchant_id(self) -> str:
        return self.quote.merchant_id if self.quote else "unknown"

    @property
    def _lines(self) -> tuple[Line, ...]:
        return self.quote.items if self.quote else ()


async def load_placement(database: Database, quote_id: str, order_id: str) -> Placement:
    """Return the placement of a quote, which never changes and so is read before the other documents."""
    quote = QUOTES.find(await database.get_all([QUOTES.path(quote_id)]), quote_id)
    if quote is None:
        return Placement(None, order_id)
    serves = await FirestoreZones(database).serves(Point(quote.dropoff.lat, quote.dropoff.lng))
    return Placement(quote, order_id, serves)


async def change_order(
    store: DocumentStore,
    order_id: str,
    decide: Callable[[Order, Docs], Decision[Order, R]],
    idempotency: IdempotentRequest | None,
    along: Sequence[DocumentWrite] = (),
) -> R:
    """Store what `decide` makes of the order and the documents that were read, and return the result.

    The stock that the order no longer reserves is released in the same commit; `along` is written in it where
    the order changes.
    """

    def apply(docs: Docs) -> Decision[Writes, R]:
        before = _existing(docs, order_id)
        decision = decide(before, docs)
        after = decision.state
        writes = [*_order_writes(docs, before, after), *along] if after != before else []
        return Decision([*writes, *release_writes(docs, before, after)], decision.events, decision.result)

    return await store.change([ORDERS.path(order_id)], apply, idempotency)


def staff_check(docs: Docs, order: Order) -> IsStaff:
    """Return the check of memberships among the documents of a decision."""
    return lambda uid: is_member(docs, order.merchant_id, uid)


def details_of(order_id: str) -> Collection[OrderDetails]:
    """Return the collection with what the customer alone reads of an order, `customer`."""
    return Collection(f"{ORDERS.path(order_id)}/private", OrderDetails)


def _order_writes(docs: Docs, before: Order, after: Order) -> list[DocumentWrite]:
    change = ORDERS.update(after.id, before, after)
    writes = [*with_release(docs, Update(change.path, _without_details(change.data)))]
    if after.details:
        writes.append(details_of(after.id).create(CUSTOMER, after.details))
    return writes


def _without_details(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != DETAILS}


def _conditions(filter_: OrderFilter) -> Iterator[tuple[str, Operator, object]]:
    yield _FIELDS[filter_.role], "==", filter_.party_id
    if filter_.states:
        yield "fulfilment", "in", list(filter_.states)
    if filter_.since:
        yield "placed_at", ">=", filter_.since
    if filter_.until:
        yield "placed_at", "<", filter_.until


def _existing(docs: Docs, order_id: str) -> Order:
    order = ORDERS.find(docs, order_id)
    if order is None:
        raise OrderNotFound
    return order
