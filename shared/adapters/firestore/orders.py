"""Orders, quotes and the catalogue as orders see it, in Firestore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Kind
from shared.adapters.firestore.database import Database, Operator, Query
from shared.kernel.geo import Point
from shared.kernel.once import Once
from shared.orders.domain import Decision, Order, OrderNotFound, Place, Quote
from shared.orders.ports import OrdersOf, Shop
from shared.orders.pricing import MenuItem


@dataclass(frozen=True, slots=True)
class _Merchant:
    id: str
    name: str
    staff: tuple[str, ...]
    location: Point
    address: str
    prep_minutes: int
    currency: str
    approved: bool
    open: bool
    menu_version: int


@dataclass(frozen=True, slots=True)
class _Menu:
    version: int
    items: tuple[MenuItem, ...]


ORDERS = Kind("orders", Order)
QUOTES = Kind("quotes", Quote)
MERCHANTS = Kind("merchants", _Merchant)
MENU = Kind("menu", _Menu)

_FIELDS = {"customer": "customer_id", "merchant": "merchant_staff", "driver": "assignment.driver_id"}


class FirestoreCatalogue:
    """See `orders.ports.Catalogue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shop(self, merchant_id: str) -> Shop | None:
        """See `Catalogue.shop`. Two reads: the menu in force is named by the merchant."""
        merchant = MERCHANTS.find(await self._database.get_all([MERCHANTS.path(merchant_id)]), merchant_id)
        if merchant is None:
            return None
        path = f"{MERCHANTS.path(merchant_id)}/menu/{merchant.menu_version}"
        data = (await self._database.get_all([path]))[path].data
        return Shop(
            id=merchant.id,
            name=merchant.name,
            staff=merchant.staff,
            place=Place(merchant.location.lat, merchant.location.lng, merchant.address),
            prep_minutes=merchant.prep_minutes,
            currency=merchant.currency,
            approved=merchant.approved,
            open=merchant.open,
            menu_version=merchant.menu_version,
            menu=MENU.parse(data).items if data else (),
        )


class FirestoreQuotes:
    """See `orders.ports.QuoteStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def add(self, quote: Quote) -> None:
        """See `QuoteStore.add`."""

        def apply(_: Docs) -> Commit[None]:
            return Commit([QUOTES.insert(quote.id, quote)], [], None)

        await self._store.change([], apply)


class FirestoreOrders:
    """See `orders.ports.OrderStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def get(self, order_id: str) -> Order:
        """See `OrderStore.get`."""
        return _existing(await self._store.database.get_all([ORDERS.path(order_id)]), order_id)

    async def of(self, wanted: OrdersOf) -> Sequence[Order]:
        """See `OrderStore.of`."""
        operator: Operator = "array-contains" if wanted.role == "merchant" else "=="
        query = Query(
            "orders",
            where=((_FIELDS[wanted.role], operator, wanted.uid),),
            order_by=("-placed_at", "-id"),
            limit=wanted.limit,
            start_after=wanted.after,
        )
        return [ORDERS.parse(found.data) for found in await self._store.database.query(query) if found.data]

    async def place(
        self,
        quote_id: str,
        order_id: str,
        decide: Callable[[Quote | None, Order | None, bool], Decision],
        once: Once | None,
    ) -> Order:
        """See `OrderStore.place`."""
        # A quote never changes, so reading it before the rest is as good as reading it with the rest.
        quote = QUOTES.find(await self._store.database.get_all([QUOTES.path(quote_id)]), quote_id)
        merchant_id = quote.merchant_id if quote else "unknown"
        paths = [ORDERS.path(order_id), MERCHANTS.path(merchant_id)]

        def apply(docs: Docs) -> Commit[Order]:
            merchant = MERCHANTS.find(docs, merchant_id)
            is_open = merchant is not None and merchant.approved and merchant.open
            order, events = decide(quote, ORDERS.find(docs, order_id), is_open)
            return Commit([ORDERS.insert(order.id, order)], events, order)

        return await self._store.change(paths, apply, once)

    async def change(
        self, order_id: str, decide: Callable[[Order], Decision], once: Once | None = None
    ) -> Order:
        """See `OrderStore.change`."""

        def apply(docs: Docs) -> Commit[Order]:
            before = _existing(docs, order_id)
            after, events = decide(before)
            return Commit([ORDERS.update(order_id, before, after)], events, after)

        return await self._store.change([ORDERS.path(order_id)], apply, once)


def _existing(docs: Docs, order_id: str) -> Order:
    order = ORDERS.find(docs, order_id)
    if order is None:
        raise OrderNotFound
    return order
