"""The same again, at today's prices."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.orders import queries
from shared.orders.domain import OrderNotFound, Quote
from shared.orders.ports import OrderFilter
from shared.orders.pricing import ItemRequest, UnknownItem
from shared.orders.usecases.reorder import Reorder, reorder
from tests.builders import CUSTOMER, NOW, STAFF, STRANGER
from tests.unit.orders.world import MENU, World

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
        now=NOW,
        new_id=new_id,
    )


def _menu(world: World, **changes: Any) -> None:
    items = [item | changes if item["id"] == "dosa" else item for item in MENU["items"]]  # type: ignore[attr-defined]
    world.database.seed("merchants/mer_1/menu/2", MENU | {"items": items})


async def test_the_same_things_cost_what_they_cost_today(world: World) -> None:
    first = await world.quote(ItemRequest("dosa", 2))
    placed = await world.place(first.id)
    _menu(world, price=13_000)

    again = await _again(world, placed.id)

    assert (again.amounts.items, again.dropoff) == (26_000, first.dropoff)
    assert again.id != first.id


async def test_what_is_gone_is_named(world: World) -> None:
    placed = await world.place((await world.quote(ItemRequest("dosa", 2))).id)
    _menu(world, available=False)

    with pytest.raises(UnknownItem):
        await _again(world, placed.id)


@pytest.mark.parametrize("uid", [STAFF, STRANGER])
async def test_nobody_orders_again_what_another_has_ordered(world: World, uid: str) -> None:
    placed = await world.place((await world.quote()).id)

    with pytest.raises(OrderNotFound):
        await _again(world, placed.id, uid)


@pytest.mark.mission("C3")
async def test_a_list_can_be_narrowed_to_states_and_times(world: World) -> None:
    placed = await world.place((await world.quote()).id)

    async def found(**filters: Any) -> list[str]:
        wanted = OrderFilter("customer", CUSTOMER, 10, **filters)
        return [order.id for order in await queries.list_orders(wanted, orders=world.orders)]

    assert await found(states=(placed.fulfilment,), since=NOW) == [placed.id]
    assert await found(states=()) == [placed.id]
    assert await found(since=NOW, until=NOW) == []
