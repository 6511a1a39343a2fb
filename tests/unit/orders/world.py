"""One shop, its menu, and the real stores over a database in memory."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.memberships import FirestoreMemberships
from shared.adapters.firestore.orders import ORDERS, FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.catalogue.domain import MerchantProfile, new_merchant
from shared.kernel.geo import Point
from shared.kernel.ids import new_id
from shared.orders.domain import Order, Place
from shared.orders.ordering import OrderingRules
from shared.orders.pricing import ItemRequest
from shared.orders.quotes import Quote
from shared.orders.unpaid import UnpaidRules
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import QuoteOrder, quote
from tests.builders import CUSTOMER, NOW, STAFF, membership
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

ORDERING = OrderingRules(unpaid=UnpaidRules(per_merchant=99, per_customer=99))
"""One customer places many orders here; `test_unpaid.py` holds the limits."""
HOME = Place(12.9719, 77.6412, "12th Main")
SAID = MerchantProfile("Dosa Corner", "south indian", Point(12.9784, 77.6408), "100 Feet Road", 15)
MERCHANT: dict[str, Any] = to_document(new_merchant("mer_1", STAFF, SAID, NOW)) | {
    "approved": True,
    "open": True,
    "menu_version": 2,
}
OLD_MENU = {"version": 1, "items": [{"id": "dosa", "name": "Dosa", "price": 1, "available": True}]}
MENU = {
    "version": 2,
    "items": [
        {"id": "dosa", "name": "Masala dosa", "price": 12_000, "available": True},
        {"id": "vada", "name": "Vada", "price": 4_500, "available": False},
        {"id": "cake", "name": "Plum cake", "price": 30_000, "available": True, "stocked": True},
    ],
}


class World:
    """One shop, one database, one bus."""

    def __init__(self, database: MemoryDatabase | None = None) -> None:
        self.database, self.bus = database or MemoryDatabase(), MemoryBus()
        self.merchant()
        self.hire(STAFF)
        self.database.seed("merchants/mer_1/menu/1", OLD_MENU)
        self.database.seed("merchants/mer_1/menu/2", MENU)
        self.store = DocumentStore(
            self.database, self.bus, clock=lambda: NOW, pause=lambda _: asyncio.sleep(0)
        )
        self.orders, self.quotes = FirestoreOrders(self.store), FirestoreQuotes(self.store)
        self.catalogue = FirestoreCatalogue(self.database)
        self.memberships = FirestoreMemberships(self.database)

    def merchant(self, **changes: Any) -> None:
        self.database.seed("merchants/mer_1", MERCHANT | changes)

    def hire(self, uid: str) -> None:
        self.database.seed(f"merchants/mer_1/staff/{uid}", to_document(membership(uid)))

    def stock(self, item_id: str, on_hand: int) -> None:
        document = {"item_id": item_id, "on_hand": on_hand, "updated_at": NOW}
        self.database.seed(f"merchants/mer_1/stock/{item_id}", document)

    def left(self, item_id: str) -> int:
        return int(self.database.data(f"merchants/mer_1/stock/{item_id}")["on_hand"])

    async def quote(
        self,
        *wanted: ItemRequest,
        dropoff: Place = HOME,
        merchant: str = "mer_1",
        uid: str = CUSTOMER,
        **said: Any,
    ) -> Quote:
        command = QuoteOrder(CUSTOMER, merchant, wanted or (ItemRequest("dosa", 2),), dropoff, **said)
        return await quote(
            command,
            catalogue=self.catalogue,
            quotes=self.quotes,
            ordering=ORDERING,
            now=NOW,
            new_id=new_id,
        )

    async def place(self, quote_id: str, uid: str = CUSTOMER, now: datetime = NOW) -> Order:
        return await place_order(
            PlaceOrder(uid, quote_id), orders=self.orders, ordering=ORDERING, now=now, idempotency=None
        )

    def pay(self, placed: Order) -> None:
        stored = self.database.data(ORDERS.path(placed.id))
        paid = stored["payment"] | {"state": "captured", "captured": placed.amounts.total}
        self.database.seed(ORDERS.path(placed.id), stored | {"payment": paid})

    def seed(self, existing: Order) -> None:
        self.database.seed(ORDERS.path(existing.id), to_document(existing))
