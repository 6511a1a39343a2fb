"""Orders that end: cancelled or delivered, and drivers who are free again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch import searching
from shared.dispatch.domain import (
    Case,
    OfferState,
    OrderNotFound,
)
from shared.dispatch.drivers import (
    DriverNotFound,
)
from shared.dispatch.usecases.call_off_search import CallOff, call_off_search
from shared.dispatch.usecases.free_driver import FreeDriver, free_driver
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.errors import Contended, Unavailable
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

OFFER_TIME = timedelta(seconds=30)


async def test_a_cancelled_order_withdraws_its_open_offer(asked: World) -> None:
    await asked.cancel()
    for _ in range(3):
        await asked.call_off()
    assert asked.offer().state is OfferState.WITHDRAWN
    assert (asked.assignment().state, asked.assignment().offer_id) == (AssignmentState.NONE, None)
    assert await asked.map.reserve("asha", "off_other_1", OFFER_TIME)


async def test_a_cancelled_order_frees_its_driver(asked: World) -> None:
    await asked.accept("asha")
    await asked.cancel()
    [event] = asked.bus.fields("order_cancelled")
    for _ in range(3):
        await asked.call_off(event["driver_id"])
    assert asked.driver("asha").active_orders == ()
    assert (asked.assignment().state, asked.assignment().driver_id) == (AssignmentState.NONE, None)
    standing = asked.map.standing("asha")
    assert standing is not None
    assert standing.load == 0


async def test_the_index_hears_of_a_freed_driver_from_the_retry_if_not_at_once(asked: World) -> None:
    await asked.accept("asha")
    await asked.cancel()
    asked.map.down = True
    with pytest.raises(Unavailable):
        await asked.call_off("asha")
    asked.map.down = False
    await asked.call_off("asha")
    standing = asked.map.standing("asha")
    assert standing is not None
    assert standing.load == 0


async def test_a_cancelled_order_is_searched_for_no_longer(world: World) -> None:
    world.add_order()
    await world.search()
    await world.cancel()
    await world.call_off()
    await world.add_driver("asha")
    assert world.assignment().state is AssignmentState.NONE
    assert await world.search(round=1) is Outcome.NOTHING_TO_DO
    assert world.offers() == []


async def test_news_of_a_cancellation_that_is_not_true_changes_nothing(asked: World) -> None:
    await asked.call_off()
    assert asked.assignment().state is AssignmentState.OFFERED


async def test_an_unknown_order_cannot_be_called_off(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await call_off_search(CallOff("ord_x"), store=world.store, index=world.map, now=world.now)


async def test_a_delivery_frees_the_driver_once_however_often_it_is_told(asked: World) -> None:
    await asked.accept("asha")
    for _ in range(10):
        await free_driver(FreeDriver("asha", ORDER_ID), store=asked.store, index=asked.map)
    assert asked.driver("asha").active_orders == ()
    standing = asked.map.standing("asha")
    assert standing is not None
    assert standing.load == 0


async def test_an_unknown_driver_cannot_be_freed(world: World) -> None:
    with pytest.raises(DriverNotFound):
        await free_driver(FreeDriver("nobody", ORDER_ID), store=world.store, index=world.map)


async def test_a_calling_off_rests_on_the_assignment_that_was_seen(asked: World) -> None:
    seen = asked.assignment()
    await asked.accept("asha")
    await asked.cancel()
    with pytest.raises(Contended):
        searching.call_off(Case(asked.order(), asked.offer()), seen, asked.now)


async def test_news_of_an_end_that_is_not_true_does_not_let_go_of_the_order(asked: World) -> None:
    await asked.accept("asha")
    case = Case(asked.order())
    assert searching.let_go(case, "asha").case == case
    assert asked.assignment().engaged
