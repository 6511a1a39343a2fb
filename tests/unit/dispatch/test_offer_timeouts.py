"""Offers that time out, and one outstanding offer per driver whatever the index says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch.drivers import MAX_CONSECUTIVE_TIMEOUTS, DriverStatus
from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.go_online import GoOnline, go_online
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World, north

OFFER_TIMEOUT = timedelta(seconds=30)
PAUSE = timedelta(seconds=3)


async def online(world: World) -> None:
    command = GoOnline("asha", north(100))
    await go_online(
        command, store=world.store, index=world.index, driver_documents=world.driver_documents, now=world.now
    )


async def lapse(world: World, times: int = 1) -> None:
    """Let `count` offers to asha, the only driver, time out."""
    for _ in range(times):
        await world.ping("asha")
        await world.search(search_attempt=world.assignment().search_attempt)
        world.wait(OFFER_TIMEOUT)
        await world.ping("asha")
        await world.expire(world.assignment().attempt)
        world.wait(PAUSE * world.assignment().search_attempt)


@pytest.fixture
async def alone(world: World) -> World:
    """An order, with asha as the only driver."""
    world.add_order()
    await world.add_driver("asha")
    return world


async def test_three_timeouts_in_a_row_set_a_driver_offline_with_one_event(alone: World) -> None:
    await lapse(alone, MAX_CONSECUTIVE_TIMEOUTS)
    assert alone.driver("asha").status is DriverStatus.OFFLINE
    [event] = alone.bus.fields("driver_set_offline")
    assert (event["driver_id"], event["consecutive_timeouts"]) == ("asha", 3)
    availability = alone.index.availability("asha")
    assert availability is not None
    assert availability.status == "offline"


async def test_two_timeouts_do_not_set_a_driver_offline(alone: World) -> None:
    await lapse(alone, MAX_CONSECUTIVE_TIMEOUTS - 1)
    assert alone.driver("asha").status is DriverStatus.ONLINE
    assert alone.driver("asha").consecutive_timeouts == 2
    assert "driver_set_offline" not in alone.bus.names()


@pytest.mark.parametrize("answer", ["accept", "decline"])
async def test_an_answer_resets_the_count_of_timeouts(alone: World, answer: str) -> None:
    await lapse(alone, 2)
    await alone.ping("asha")
    await alone.search(search_attempt=alone.assignment().search_attempt)
    await (alone.accept if answer == "accept" else alone.decline)("asha", 3)
    assert alone.driver("asha").consecutive_timeouts == 0


async def test_a_driver_set_offline_gets_offers_again_after_going_online(alone: World) -> None:
    await lapse(alone, MAX_CONSECUTIVE_TIMEOUTS)
    await alone.ping("asha")
    assert await alone.search(search_attempt=alone.assignment().search_attempt) is Outcome.POSTPONED
    await online(alone)
    assert alone.driver("asha").consecutive_timeouts == 0
    alone.wait(PAUSE)
    assert await alone.search(search_attempt=alone.assignment().search_attempt) is Outcome.OFFERED


async def test_a_withdrawn_offer_does_not_count_as_a_timeout(alone: World) -> None:
    await alone.search()
    await alone.cancel()
    alone.wait(OFFER_TIMEOUT)
    await alone.expire()
    assert alone.offer().state is OfferState.WITHDRAWN
    assert (alone.driver("asha").consecutive_timeouts, alone.driver("asha").outstanding_offer) == (0, None)


async def test_a_driver_who_never_answers_does_not_keep_an_order_from_being_escalated(alone: World) -> None:
    began = alone.now
    while alone.assignment().state is not AssignmentState.UNASSIGNABLE:
        if alone.driver("asha").status is DriverStatus.OFFLINE:
            await online(alone)
        await lapse(alone)
    assert alone.now - began < timedelta(minutes=13)
    assert alone.bus.names()[-2:] == ["order_unassignable", "order_escalated"]


async def test_a_decline_keeps_the_search_going(alone: World) -> None:
    for _ in range(30):
        await alone.ping("asha")
        assert await alone.search(search_attempt=alone.assignment().search_attempt) is Outcome.OFFERED
        await alone.decline("asha", alone.assignment().attempt)
        assert await alone.search(search_attempt=alone.assignment().search_attempt) is Outcome.POSTPONED
        alone.wait(timedelta(seconds=30))


# one outstanding offer


async def test_a_driver_names_their_outstanding_offer(alone: World) -> None:
    await alone.search()
    assert alone.driver("asha").outstanding_offer == alone.offer().id
    assert alone.driver("asha").offer_expires_at == alone.offer().expires_at


@pytest.mark.parametrize("end", ["accept", "decline", "expire", "call off"])
async def test_however_an_offer_ends_its_driver_can_get_another_one(alone: World, end: str) -> None:
    await alone.search()
    if end == "accept":
        await alone.accept("asha")
    elif end == "decline":
        await alone.decline("asha")
    elif end == "expire":
        alone.wait(OFFER_TIMEOUT)
        await alone.expire()
    else:
        await alone.cancel()
        await alone.handle_cancellation()
    assert (alone.driver("asha").outstanding_offer, alone.driver("asha").offer_expires_at) == (None, None)


async def test_a_flushed_index_does_not_lead_to_a_second_offer_for_a_driver(alone: World) -> None:
    other = alone.add_order(id="ord_2")
    await alone.search()
    alone.index.flush()
    await alone.ping("asha")
    assert await alone.search(other) is Outcome.POSTPONED
    assert len(alone.offers()) == 1
    [found] = await alone.candidates(north(0), 2_000)
    assert found.outstanding_offer == alone.offer().id, "the reservation was restored"


async def test_a_restored_reservation_expires_with_its_offer(alone: World) -> None:
    other = alone.add_order(id="ord_2")
    await alone.search()
    alone.wait(timedelta(seconds=20))
    alone.index.flush()
    await alone.ping("asha")
    await alone.search(other)
    alone.wait(timedelta(seconds=10))
    await alone.ping("asha")
    [found] = await alone.candidates(north(0), 2_000)
    assert found.outstanding_offer is None


async def test_the_end_of_another_order_leaves_the_outstanding_offer_alone(alone: World) -> None:
    first = await alone.add_driver("bala", 100)
    await alone.search()
    assert alone.offer().driver_id == first.id
    await alone.accept("bala")
    alone.add_order(id="ord_2")
    await alone.search("ord_2")
    held = alone.offer(1, "ord_2").driver_id
    await alone.cancel()
    await cancel_assignment(
        CancelAssignment(ORDER_ID, held), store=alone.store, index=alone.index, now=alone.now
    )
    assert alone.driver(held).outstanding_offer == alone.offer(1, "ord_2").id
