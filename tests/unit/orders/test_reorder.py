"""A reorder: the same items at today's prices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.shop_blocks import shop_blocks
from shared.kernel.ids import new_id
from shared.orders import queries
from shared.orders.domain import OrderNotFound
from shared.orders.ports import OrderFilter
from shared.orders.pricing import ItemRequest, UnknownItem
from shared.orders.quotes import Quote
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.orders.usecases.reorder import Reorder, reorder
from tests.builders import CUSTOMER, NOW, STAFF, STRANGER
from tests.fakes.accounts import Caller
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.world import MENU, ORDERING, World

pytestmark = pytest.mark.mission("C5")


@pytest.fixture
def world() -> World:
    return World()


async def _again(world: World, order_id: str, uid: str = CUSTOMER) -> Quote:
    return await reorder(
        Reorder(uid, order_id),
        orders=world.orders,
        catalogue=world.catalogue,
        quotes=world.quotes,
        ordering=ORDERING,
        now=NOW,
        new_id=new_id,
    )


def _menu(world: World, **changes: Any) -> None:
    items = [item | changes if item["id"] == "dosa" else item for item in MENU["items"]]  # type: ignore[attr-defined]
    world.database.seed("merchants/mer_1/menu/3", MENU | {"version": 3, "items": items})
    world.merchant(menu_version=3)


async def test_a_reorder_has_todays_prices(world: World) -> None:
    first = await world.quote(ItemRequest("dosa", 2))
    placed = await world.place(first.id)
    _menu(world, price=13_000)

    again = await _again(world, placed.id)

    assert (again.amounts.items, again.dropoff) == (26_000, first.dropoff)
    assert again.id != first.id


async def test_fault_06_a_cancelled_order_is_reordered_to_the_address_that_only_its_customer_reads(
    world: World,
) -> None:
    first = await world.quote(ItemRequest("dosa", 2))
    placed = await world.place(first.id)
    await cancel_order(CancelOrder(CUSTOMER, placed.id, ""), orders=world.orders, now=NOW)

    assert (await world.orders.get(placed.id)).dropoff != first.dropoff
    assert (await _again(world, placed.id)).dropoff == first.dropoff


async def test_a_reorder_names_the_items_that_are_no_longer_on_the_menu(world: World) -> None:
    placed = await world.place((await world.quote(ItemRequest("dosa", 2))).id)
    _menu(world, available=False)

    with pytest.raises(UnknownItem):
        await _again(world, placed.id)


@pytest.mark.parametrize("uid", [STAFF, STRANGER])
async def test_only_the_customer_of_an_order_reorders_it(world: World, uid: str) -> None:
    placed = await world.place((await world.quote()).id)

    with pytest.raises(OrderNotFound):
        await _again(world, placed.id, uid)


@pytest.mark.mission("C3")
async def test_a_list_is_filtered_by_state_and_time(world: World) -> None:
    placed = await world.place((await world.quote()).id)

    async def found(**filters: Any) -> list[str]:
        filter_ = OrderFilter("customer", "", 10, **filters)
        listed = await queries.list_orders(
            filter_, CUSTOMER, orders=world.orders, memberships=world.memberships
        )
        return [order.id for order in listed]

    assert await found(states=(placed.fulfilment,), since=NOW) == [placed.id]
    assert await found(states=()) == [placed.id]
    assert await found(since=NOW, until=NOW) == []


def _block(world: World) -> None:
    world.merchant(blocked=1)
    block = {"uid": CUSTOMER, "order_id": "", "reason": "Rude", "by": STAFF, "at": NOW}
    world.database.seed(f"{shop_blocks('mer_1').path(CUSTOMER)}", block)


def _archive_the_only_zone(world: World) -> None:
    world.database.seed("zones/zon_1", {"id": "zon_1", "active": False})


SIZE: dict[str, Any] = {
    "id": "mgr_1",
    "name": "Size",
    "min": 1,
    "modifiers": [{"id": "mod_1", "name": "Large"}],
}
SINCE: dict[str, Callable[[World], object]] = {
    "CUSTOMER_BLOCKED": _block,
    "MERCHANT_CLOSED": lambda world: world.merchant(open=False),
    "MERCHANT_NOT_FOUND": lambda world: world.merchant(approved=False),
    "MODIFIERS_INVALID": lambda world: _menu(world, modifier_groups=[SIZE]),
    "OUTSIDE_SERVICE_ZONE": _archive_the_only_zone,
    "OUT_OF_RANGE": lambda world: world.merchant(location={"lat": 0.0, "lng": 0.0}),
    "OUT_OF_STOCK": lambda world: _menu(world, stocked=True),
    "UNKNOWN_ITEM": lambda world: _menu(world, available=False),
}


@pytest.mark.parametrize("code", SINCE)
async def test_a_reorder_is_refused_for_what_has_changed_since(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    placed = await world.place((await world.quote()).id)
    SINCE[code](world)
    run_on(app, FakeRuntime(database=world.database, bus=world.bus, clock=lambda: NOW), monkeypatch)

    answer = await Caller(app, CUSTOMER)("POST", f"/api/v1/orders/{placed.id}/reorder", {})

    assert answer.json().get("code") == code, answer.text
