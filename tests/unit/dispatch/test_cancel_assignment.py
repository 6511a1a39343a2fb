"""Orders that end: cancelled or delivered, and drivers who are free again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch import searching
from shared.dispatch.domain import (
    AssignmentContext,
    OfferState,
    OrderNotFound,
)
from shared.dispatch.drivers import (
    DriverNotFound,
)
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.make_offer import Outcome
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver
from shared.kernel.errors import Contended, Unavailable
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

OFFER_TIMEOUT = timedelta(seconds=30)


async def test_a_cancelled_order_withdraws_its_open_offer(asked: World) -> None:
    await asked.cancel()
    for _ in range(3):
        await asked.handle_cancellation()
    assert asked.offer().state is OfferState.WITHDRAWN
    assert (asked.assignment().state, asked.assignment().offer_id) == (AssignmentState.NONE, None)
    assert await asked.map.reserve("asha", "off_other_1", OFFER_TIMEOUT)


async def test_a_cancelled_order_frees_its_driver(asked: World) -> None:
    await asked.accept("asha")
    await asked.cancel()
    [event] = asked.bus.fields("order_cancelled")
    for _ in range(3):
        await asked.handle_cancellation(event["driver_id"])
    assert asked.driver("asha").active_orders == ()
    assert (asked.assignment().state, asked.assignment().driver_id) == (AssignmentState.NONE, None)
    availability = asked.map.availability("asha")
    assert availability is not None
    assert availability.load == 0


async def test_the_index_hears_of_a_freed_driver_from_the_retry_if_not_at_once(asked: World) -> None:
    await asked.accept("asha")
    await asked.cancel()
    asked.map.down = True
    with pytest.raises(Unavailable):
        await asked.handle_cancellation("asha")
    asked.map.down = False
    await asked.handle_cancellation("asha")
    availability = asked.map.availability("asha")
    assert availability is not None
    assert availability.load == 0


async def test_a_cancelled_order_is_searched_for_no_longer(world: World) -> None:
    world.add_order()
    await world.search()
    await world.cancel()
    await world.handle_cancellation()
    await world.add_driver("asha")
    assert world.assignment().state is AssignmentState.NONE
    assert await world.search(search_attempt=1) is Outcome.NOTHING_TO_DO
    assert world.offers() == []


async def test_news_of_a_cancellation_that_is_not_true_changes_nothing(asked: World) -> None:
    await asked.handle_cancellation()
    assert asked.assignment().state is AssignmentState.OFFERED


async def test_an_unknown_order_cannot_be_called_off(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await cancel_assignment(CancelAssignment("ord_x"), store=world.store, index=world.map, now=world.now)


async def test_a_delivery_frees_the_driver_once_however_often_it_is_told(asked: World) -> None:
    await asked.accept("asha")
    for _ in range(10):
        await release_driver(ReleaseDriver("asha", ORDER_ID), store=asked.store, index=asked.map)
    assert asked.driver("asha").active_orders == ()
    availability = asked.map.availability("asha")
    assert availability is not None
    assert availability.load == 0


async def test_an_unknown_driver_cannot_be_freed(world: World) -> None:
    with pytest.raises(DriverNotFound):
        await release_driver(ReleaseDriver("nobody", ORDER_ID), store=world.store, index=world.map)


async def test_a_calling_off_rests_on_the_assignment_that_was_seen(asked: World) -> None:
    seen = asked.assignment()
    await asked.accept("asha")
    await asked.cancel()
    with pytest.raises(Contended):
        searching.cancel(AssignmentContext(asked.order(), asked.offer()), seen, asked.now)


async def test_news_of_an_end_that_is_not_true_does_not_let_go_of_the_order(asked: World) -> None:
    await asked.accept("asha")
    context = AssignmentContext(asked.order())
    assert searching.release(context, "asha").context == context
    assert asked.assignment().has_active_work
