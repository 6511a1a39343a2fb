"""Quoting, placing, moving and cancelling orders, over the real stores and a database in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.order import Business, Fulfilment
from shared.orders import queries
from shared.orders.businesses.policy import Step
from shared.orders.domain import IllegalTransition, NotPermitted, Order, OrderNotFound, Place
from shared.orders.opening import MerchantClosed
from shared.orders.ports import OrderFilter
from shared.orders.pricing import ItemRequest, UnknownItem
from shared.orders.quotes import (
    MerchantNotFound,
    OutOfRange,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
)
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, order
from tests.unit.orders.world import World

pytestmark = pytest.mark.mission("C1", "C3")


@pytest.fixture
def world() -> World:
    return World()


async def test_a_quote_has_the_servers_price_of_the_current_menu_for_fifteen_minutes(world: World) -> None:
    made = await world.quote()

    assert (made.menu_version, made.amounts.items) == (2, 24_000)
    assert made.expires_at == NOW + timedelta(minutes=15)


async def test_an_unavailable_item_gets_no_quote(world: World) -> None:
    for wanted in (ItemRequest("vada", 1), ItemRequest("unheard-of", 1)):
        with pytest.raises(UnknownItem):
            await world.quote(wanted)
    with pytest.raises(MerchantNotFound):
        await world.quote(merchant="mer_2")
    with pytest.raises(OutOfRange):
        await world.quote(dropoff=Place(13.2, 77.7, "The airport"))


@pytest.mark.parametrize(
    ("change", "refusal"), [({"open": False}, MerchantClosed), ({"approved": False}, MerchantNotFound)]
)
async def test_a_closed_or_unapproved_merchant_gives_no_quote(
    world: World, change: dict[str, Any], refusal: type[Exception]
) -> None:
    world.merchant(**change)
    with pytest.raises(refusal):
        await world.quote()


async def test_an_order_equals_its_quote_though_the_menu_changed(world: World) -> None:
    made = await world.quote()
    world.merchant(menu_version=1)

    placed = await world.place(made.id)

    stored = world.database.data(f"orders/{placed.id}")
    assert placed.amounts == made.amounts
    assert (stored["fulfilment"], stored["payment"]["state"], stored["assignment"]["state"]) == (
        "placed",
        "none",
        "none",
    )
    assert [entry["type"] for entry in stored["timeline"]] == ["order_placed"]
    assert world.bus.names() == ["order_placed"]


async def test_a_quote_makes_one_order_of_many_concurrent_requests(world: World) -> None:
    made = await world.quote()

    outcomes = await asyncio.gather(*(world.place(made.id) for _ in range(10)), return_exceptions=True)

    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, QuoteUsed) for outcome in outcomes) == 9
    assert len(world.database.collection("orders")) == 1


async def test_a_foreign_unknown_or_expired_quote_makes_no_order(world: World) -> None:
    made = await world.quote()
    with pytest.raises(QuoteNotFound):
        await world.place(made.id, uid=STRANGER)
    with pytest.raises(QuoteNotFound):
        await world.place("quo_unknown")
    with pytest.raises(QuoteExpired):
        await world.place(made.id, now=made.expires_at)
    assert world.database.collection("orders") == {}


async def test_a_merchant_that_closed_after_the_quote_accepts_no_order(world: World) -> None:
    made = await world.quote()
    world.merchant(open=False)
    with pytest.raises(MerchantClosed):
        await world.place(made.id)


async def test_two_concurrent_requests_for_a_step_make_one_step(world: World) -> None:
    world.seed(order())
    command = AdvanceOrder(STAFF, ORDER_ID, Step.CONFIRM)

    clicks = (advance_order(command, orders=world.orders, now=NOW) for _ in range(2))
    outcomes = await asyncio.gather(*clicks, return_exceptions=True)

    assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 1
    assert world.bus.names() == ["order_confirmed"]


async def test_a_driver_cannot_cancel_and_a_stranger_finds_no_order(world: World) -> None:
    world.seed(order(Fulfilment.READY, driver=DRIVER))
    with pytest.raises(NotPermitted):
        await cancel_order(CancelOrder(DRIVER, ORDER_ID, ""), orders=world.orders, now=NOW)
    with pytest.raises(OrderNotFound):
        await cancel_order(CancelOrder(STRANGER, ORDER_ID, ""), orders=world.orders, now=NOW)
    with pytest.raises(OrderNotFound):
        await queries.get_order(ORDER_ID, STRANGER, orders=world.orders, memberships=world.memberships)


async def test_a_client_resumes_the_timeline_from_its_last_sequence_number(world: World) -> None:
    placed = await world.place((await world.quote()).id)
    stored = replace(await world.orders.get(placed.id), payment=order().payment)
    world.seed(stored)
    await advance_order(AdvanceOrder(STAFF, placed.id, Step.CONFIRM), orders=world.orders, now=NOW)

    missed = await queries.events_after(
        queries.EventsAfter(placed.id, 1, 10), CUSTOMER, orders=world.orders, memberships=world.memberships
    )

    assert [(entry.seq, entry.type) for entry in missed] == [(2, "order_confirmed")]


async def test_a_list_has_the_callers_orders_newest_first_in_pages(world: World) -> None:
    for n in range(5):
        placed_at = NOW + timedelta(minutes=n)
        world.seed(order(id=f"ord_{n}", placed_at=placed_at))
    world.seed(order(id="ord_foreign", customer_id=STRANGER))

    first = await _listed(world, OrderFilter("customer", "", 3), CUSTOMER)
    last = (first[-1].placed_at, first[-1].id)
    rest = await _listed(world, OrderFilter("customer", "", 3, last), CUSTOMER)

    assert [found.id for found in first] == ["ord_4", "ord_3", "ord_2"]
    assert [found.id for found in rest] == ["ord_1", "ord_0"]
    assert len(await _listed(world, OrderFilter("merchant", "", 10), STAFF)) == 6


async def _listed(world: World, filter_: OrderFilter, uid: str) -> Sequence[Order]:
    return await queries.list_orders(filter_, uid, orders=world.orders, memberships=world.memberships)


async def test_a_person_with_two_roles_on_an_order_can_act_in_each(
    world: World,
) -> None:
    world.seed(order(customer_id=STAFF))
    await advance_order(AdvanceOrder(STAFF, ORDER_ID, Step.CONFIRM), orders=world.orders, now=NOW)
    assert world.database.data(f"orders/{ORDER_ID}")["fulfilment"] == "confirmed"

    world.seed(order(Fulfilment.READY, driver=CUSTOMER))
    await advance_order(AdvanceOrder(CUSTOMER, ORDER_ID, Step.PICK_UP), orders=world.orders, now=NOW)
    assert world.database.data(f"orders/{ORDER_ID}")["fulfilment"] == "picked_up"


@pytest.mark.mission("C2")
@pytest.mark.parametrize("business", [Business.FOOD, Business.LOCAL, Business.MED])
async def test_an_order_belongs_to_the_business_of_its_merchant(world: World, business: Business) -> None:
    world.merchant(business=business)

    placed = await world.place((await world.quote()).id)

    assert placed.business is business
