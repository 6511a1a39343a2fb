"""The contract suite of the `Catalogue` that orders read, and of their reservations, over every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from shared.adapters.firestore.orders import FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.orders.domain import Order, OrderDecision, Reserved, decided
from shared.orders.ports import PlacementContext
from shared.orders.reservations import Capacity, OutOfStock, reserve
from tests.builders import NOW, ORDER_ID, line, order, quote
from tests.contract.stores import Ground
from tests.unit.catalogue.shops import shop

DOSA = line(stocked=True)


@pytest.fixture
def orders(ground: Ground) -> FirestoreOrders:
    return FirestoreOrders(ground.documents)


async def stock(ground: Ground, dosas: int, places: int, active: int = 0) -> None:
    """Count the dosas and the capacity's places, and quote two dosas."""
    await ground.put("quotes/quo_1", quote(items=(DOSA,)))
    await ground.put("merchants/mer_1", shop("mer_1", max_open_orders=places))
    await ground.put("merchants/mer_1/capacity/load", {"active": active})
    left = {"item_id": DOSA.item_id, "on_hand": dosas, "updated_at": NOW}
    await ground.put(f"merchants/mer_1/stock/{DOSA.item_id}", left)


async def order_dosas(orders: FirestoreOrders, order_id: str) -> Order:
    def decide(context: PlacementContext) -> OrderDecision:
        made = reserve(order(id=order_id, items=(DOSA,)), context.on_hand, context.capacity)
        return decided(made)

    return await orders.place("quo_1", order_id, decide, None)


async def kept(ground: Ground) -> tuple[int, int]:
    """Return the stock of dosas, and the open orders that count against the capacity."""
    shelf = await ground.data(f"merchants/mer_1/stock/{DOSA.item_id}") or {}
    return shelf["on_hand"], (await ground.data("merchants/mer_1/capacity/load") or {})["active"]


async def test_what_an_order_reserves_is_taken_with_it_and_released_once(
    ground: Ground, orders: FirestoreOrders
) -> None:
    await stock(ground, dosas=5, places=3)
    placed = await order_dosas(orders, ORDER_ID)
    assert (placed.reserved, placed.holds_slot) == ((Reserved(DOSA.item_id, 2),), True)
    assert await kept(ground) == (3, 1)

    def release(before: Order) -> OrderDecision:
        return decided(replace(before, reserved=(), holds_slot=False))

    for _ in range(2):
        await orders.change(ORDER_ID, release)
    assert await kept(ground) == (5, 0)


async def test_of_many_concurrent_orders_only_as_many_succeed_as_there_is_stock(
    ground: Ground, orders: FirestoreOrders
) -> None:
    await stock(ground, dosas=5, places=9)
    outcomes = await asyncio.gather(
        *(order_dosas(orders, f"ord_{n}") for n in range(4)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, OutOfStock) for outcome in outcomes) == 2
    assert await kept(ground) == (1, 2)
    assert len(await ground.ids("orders")) == 2


async def test_without_counts_nothing_is_reserved(ground: Ground, orders: FirestoreOrders) -> None:
    await ground.put("merchants/mer_1", shop("mer_1"))
    await FirestoreQuotes(ground.documents).add(quote())
    seen: list[Capacity] = []

    def decide(context: PlacementContext) -> OrderDecision:
        seen.append(context.capacity)
        made = reserve(order(), context.on_hand, context.capacity)
        return decided(made)

    placed = await orders.place("quo_1", ORDER_ID, decide, None)
    assert (placed.reserved, placed.holds_slot, seen) == ((), False, [Capacity()])
    assert await ground.ids("merchants/mer_1/capacity") == []


async def test_the_catalogue_returns_a_merchant_with_its_current_menu(ground: Ground) -> None:
    catalogue = FirestoreCatalogue(ground.database)
    assert await catalogue.shop("mer_1", quote().dropoff) is None

    await ground.put("merchants/mer_1", shop("mer_1", menu_version=2))
    bare = await catalogue.shop("mer_1", quote().dropoff)
    assert bare is not None
    assert bare.menu == (), "a menu that is not there yet is empty"

    for version, price in ((1, 10_000), (2, 12_000)):
        item = {"id": "itm_dosa", "name": "Masala dosa", "price": price, "available": True}
        await ground.put(f"merchants/mer_1/menu/{version}", {"version": version, "items": [item]})
    found = await catalogue.shop("mer_1", quote().dropoff)
    assert found is not None
    assert (found.name, found.menu_version) == ("Dosa Corner", 2)
    assert (found.approved, found.opening_at(NOW).refusal, found.serves) == (True, None, True)
    assert [(item.id, item.price, item.available) for item in found.menu] == [("itm_dosa", 12_000, True)]


async def test_the_catalogue_returns_the_stock_of_counted_items(ground: Ground) -> None:
    await stock(ground, dosas=5, places=3)
    left = await FirestoreCatalogue(ground.database).on_hand("mer_1", [DOSA.item_id, "itm_uncounted"])
    assert left == {DOSA.item_id: 5}
