"""Orders that end by cancellation or delivery, and the release of their drivers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch import searching
from shared.dispatch.domain import AssignmentContext, OrderNotFound
from shared.dispatch.drivers import (
    DriverNotFound,
)
from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.make_offer import Outcome
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver
from shared.kernel.errors import Contended, Unavailable
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

OFFER_TIMEOUT = timedelta(seconds=30)


async def test_a_cancelled_order_withdraws_its_open_offer(offered: World) -> None:
    await offered.cancel()
    for _ in range(3):
        await offered.handle_cancellation()
    assert offered.offer().state is OfferState.WITHDRAWN
    assert (offered.assignment().state, offered.assignment().offer_id) == (AssignmentState.NONE, None)
    assert await offered.index.reserve("asha", "off_other_1", OFFER_TIMEOUT)


async def test_a_cancelled_order_releases_its_driver(offered: World) -> None:
    await offered.accept("asha")
    await offered.cancel()
    [event] = offered.bus.fields("order_cancelled")
    for _ in range(3):
        await offered.handle_cancellation(event["driver_id"])
    assert offered.driver("asha").active_orders == ()
    assert (offered.assignment().state, offered.assignment().driver_id) == (AssignmentState.NONE, None)
    availability = offered.index.availability("asha")
    assert availability is not None
    assert availability.load == 0


async def test_a_retry_updates_the_index_after_a_release_that_could_not(offered: World) -> None:
    await offered.accept("asha")
    await offered.cancel()
    offered.index.down = True
    with pytest.raises(Unavailable):
        await offered.handle_cancellation("asha")
    offered.index.down = False
    await offered.handle_cancellation("asha")
    availability = offered.index.availability("asha")
    assert availability is not None
    assert availability.load == 0


async def test_a_cancelled_order_is_not_searched_for(world: World) -> None:
    world.add_order()
    await world.search()
    await world.cancel()
    await world.handle_cancellation()
    await world.add_driver("asha")
    assert world.assignment().state is AssignmentState.NONE
    assert await world.search(search_attempt=1) is Outcome.NOTHING_TO_DO
    assert world.offers() == []


async def test_a_false_cancellation_event_changes_nothing(offered: World) -> None:
    await offered.handle_cancellation()
    assert offered.assignment().state is AssignmentState.OFFERED


async def test_the_assignment_of_an_unknown_order_cannot_be_cancelled(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await cancel_assignment(
            CancelAssignment("ord_x"), store=world.store, index=world.index, now=world.now
        )


async def test_repeated_delivery_events_release_the_driver_once(offered: World) -> None:
    await offered.accept("asha")
    for _ in range(10):
        await release_driver(ReleaseDriver("asha", ORDER_ID), store=offered.store, index=offered.index)
    assert offered.driver("asha").active_orders == ()
    availability = offered.index.availability("asha")
    assert availability is not None
    assert availability.load == 0


async def test_an_unknown_driver_cannot_be_released(world: World) -> None:
    with pytest.raises(DriverNotFound):
        await release_driver(ReleaseDriver("unknown", ORDER_ID), store=world.store, index=world.index)


async def test_a_cancellation_is_refused_when_the_assignment_has_changed(offered: World) -> None:
    seen = offered.assignment()
    await offered.accept("asha")
    await offered.cancel()
    with pytest.raises(Contended):
        searching.cancel(AssignmentContext(offered.order(), offered.offer()), seen, offered.now)


async def test_a_false_event_of_the_end_does_not_release_the_order(offered: World) -> None:
    await offered.accept("asha")
    context = AssignmentContext(offered.order())
    assert searching.release(context, "asha").state == context
    assert offered.assignment().has_active_work
