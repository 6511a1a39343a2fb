"""Stock and capacity that orders reserve: nothing is sold twice or released twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.adapters.firestore.database import Write
from shared.kernel.order import Fulfilment
from shared.orders.businesses.policy import Step
from shared.orders.domain import IllegalTransition, Order
from shared.orders.pricing import ItemRequest
from shared.orders.reservations import MerchantAtCapacity, OutOfStock
from shared.orders.scheduling import ScheduleOutOfBounds
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from tests.builders import CUSTOMER, NOW, STAFF
from tests.unit.orders.batches import sweep_at
from tests.unit.orders.world import World

pytestmark = pytest.mark.mission("B2", "C1")

CAKE = ItemRequest("cake", 1)


@pytest.fixture
def world() -> World:
    return World()


async def _cancel(world: World, order: Order) -> Order:
    return await cancel_order(CancelOrder(CUSTOMER, order.id, ""), orders=world.orders, now=NOW)


async def test_an_order_reserves_stock_and_its_cancellation_releases_it(
    world: World,
) -> None:
    world.stock("cake", 3)
    placed = await world.place((await world.quote(ItemRequest("cake", 2))).id)
    assert world.left("cake") == 1

    await _cancel(world, placed)
    with pytest.raises(IllegalTransition):
        await _cancel(world, placed)
    assert world.left("cake") == 3


async def test_of_many_concurrent_orders_for_the_last_item_exactly_one_succeeds(world: World) -> None:
    world.stock("cake", 1)
    quotes = [await world.quote(CAKE) for _ in range(50)]

    found = await asyncio.gather(*(world.place(made.id) for made in quotes), return_exceptions=True)

    assert sum(isinstance(one, Order) for one in found) == 1
    assert sum(isinstance(one, OutOfStock) for one in found) == 49
    assert world.left("cake") == 0


async def test_a_quote_of_missing_stock_is_refused_with_its_line(world: World) -> None:
    world.stock("cake", 1)

    with pytest.raises(OutOfStock) as refused:
        await world.quote(ItemRequest("dosa", 1), ItemRequest("cake", 2))

    assert [(fault.pointer, fault.message) for fault in refused.value.errors] == [
        ("/items/1/quantity", "1 left")
    ]


async def test_a_stocked_item_without_a_count_is_out_of_stock(world: World) -> None:
    with pytest.raises(OutOfStock):
        await world.quote(CAKE)


async def test_an_uncounted_item_reads_and_writes_no_stock(world: World) -> None:
    await world.place((await world.quote()).id)

    for kept in ("stock", "capacity"):
        assert world.database.collection(f"merchants/mer_1/{kept}") == {}


async def test_goods_in_preparation_do_not_return_to_the_stock(world: World) -> None:
    world.stock("cake", 1)
    placed = await world.place((await world.quote(CAKE)).id)
    stored = world.database.data(f"orders/{placed.id}")
    world.database.seed(f"orders/{placed.id}", stored | {"fulfilment": "preparing"})

    await _cancel(world, placed)

    assert world.left("cake") == 0


async def test_an_item_that_is_no_longer_counted_stops_no_cancellation(world: World) -> None:
    world.stock("cake", 1)
    placed = await world.place((await world.quote(CAKE)).id)
    await world.database.commit([Write("delete", "merchants/mer_1/stock/cake")])

    assert (await _cancel(world, placed)).fulfilment is Fulfilment.CANCELLED


async def test_a_merchant_accepts_no_more_orders_than_its_capacity(world: World) -> None:
    world.merchant(max_open_orders=2)
    quotes = [await world.quote() for _ in range(20)]

    found = await asyncio.gather(*(world.place(made.id) for made in quotes), return_exceptions=True)

    assert sum(isinstance(one, Order) for one in found) == 2
    assert sum(isinstance(one, MerchantAtCapacity) for one in found) == 18


async def test_an_order_that_is_ready_or_cancelled_releases_its_capacity_slot_once(world: World) -> None:
    world.merchant(max_open_orders=2)
    first, second = [await world.place((await world.quote()).id) for _ in range(2)]
    stored = world.database.data(f"orders/{first.id}")
    paid = stored["payment"] | {"state": "captured", "captured": 1}
    world.database.seed(f"orders/{first.id}", stored | {"fulfilment": "preparing", "payment": paid})

    await advance_order(AdvanceOrder(STAFF, first.id, Step.READY), orders=world.orders, now=NOW)
    await _cancel(world, second)
    await _cancel(world, first)  # ready, and thus out of the kitchen before

    assert world.database.data("merchants/mer_1/capacity/load")["active"] == 0
    await world.place((await world.quote()).id)


async def test_an_order_placed_without_a_limit_releases_no_slot(world: World) -> None:
    before = await world.place((await world.quote()).id)
    world.merchant(max_open_orders=1)
    await world.place((await world.quote()).id)

    await _cancel(world, before)

    with pytest.raises(MerchantAtCapacity):
        await world.place((await world.quote()).id)


@pytest.mark.mission("C5")
async def test_a_scheduled_order_is_activated_at_its_time(world: World) -> None:
    later = NOW + timedelta(hours=5)
    placed = await world.place((await world.quote(scheduled_for=later)).id)
    assert placed.fulfilment is Fulfilment.SCHEDULED
    world.pay(placed)

    for hours in (1, 4):
        await sweep_at(world.orders, NOW + timedelta(hours=hours))
        assert (await world.orders.get(placed.id)).fulfilment is Fulfilment.SCHEDULED
    turn = later - timedelta(minutes=placed.eta_minutes + 10)
    await sweep_at(world.orders, turn)

    assert (await world.orders.get(placed.id)).fulfilment is Fulfilment.PLACED
    assert "order_activated" in world.bus.names()


@pytest.mark.mission("C5")
async def test_a_scheduled_order_takes_its_capacity_slot_when_it_is_activated(world: World) -> None:
    world.merchant(max_open_orders=1)
    later = await world.place((await world.quote(scheduled_for=NOW + timedelta(hours=5))).id)
    assert world.database.collection("merchants/mer_1/capacity") == {}
    world.pay(later)
    await sweep_at(world.orders, NOW + timedelta(minutes=16))
    await sweep_at(world.orders, NOW + timedelta(hours=5))
    assert (await world.orders.get(later.id)).fulfilment is Fulfilment.PLACED

    with pytest.raises(MerchantAtCapacity):
        await world.place((await world.quote()).id)
    await _cancel(world, later)
    assert world.database.data("merchants/mer_1/capacity/load")["active"] == 0
    await world.place((await world.quote()).id)


@pytest.mark.mission("C5")
async def test_an_order_scheduled_soon_is_activated_once_it_is_paid(world: World) -> None:
    world.merchant(prep_minutes=25)
    paid, slow = [
        await world.place((await world.quote(scheduled_for=NOW + timedelta(minutes=45))).id) for _ in range(2)
    ]
    turn = NOW + timedelta(minutes=45 - paid.eta_minutes - 10)
    assert turn < NOW + timedelta(minutes=15)

    world.pay(paid)
    await sweep_at(world.orders, turn)
    assert (await world.orders.get(paid.id)).fulfilment is Fulfilment.PLACED
    assert (await world.orders.get(slow.id)).fulfilment is Fulfilment.SCHEDULED

    world.pay(slow)
    await sweep_at(world.orders, NOW + timedelta(minutes=15))
    assert (await world.orders.get(slow.id)).fulfilment is Fulfilment.PLACED


@pytest.mark.mission("C5")
async def test_an_order_is_not_scheduled_earlier_than_it_can_arrive(world: World) -> None:
    world.merchant(prep_minutes=200)
    with pytest.raises(ScheduleOutOfBounds):
        await world.quote(scheduled_for=NOW + timedelta(minutes=200))
    await world.quote(scheduled_for=NOW + timedelta(minutes=210))


@pytest.mark.mission("C5")
async def test_an_unpaid_scheduled_order_releases_its_stock(world: World) -> None:
    world.stock("cake", 1)
    made = await world.quote(CAKE, scheduled_for=NOW + timedelta(hours=5))
    placed = await world.place(made.id)

    await sweep_at(world.orders, NOW + timedelta(minutes=16))

    assert (await world.orders.get(placed.id)).fulfilment is Fulfilment.CANCELLED
    assert world.left("cake") == 1


@pytest.mark.mission("C5")
@pytest.mark.parametrize("ahead", [timedelta(minutes=-5), timedelta(minutes=44), timedelta(days=31)])
async def test_an_order_is_scheduled_neither_too_soon_nor_too_far_ahead(
    world: World, ahead: timedelta
) -> None:
    with pytest.raises(ScheduleOutOfBounds):
        await world.quote(scheduled_for=NOW + ahead)
