"""Searching for a driver and making an offer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch import offers
from shared.dispatch.domain import AssignmentContext, OrderNotFound, OrderNotWaiting, offer_id
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.machine import OfferState
from shared.dispatch.matching import Candidate, sequential
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.errors import Unavailable
from shared.kernel.order import AssignmentState, Fulfilment, PaymentState
from tests.builders import NOW, ORDER_ID
from tests.unit.dispatch.world import NOT_READY_AND_PAID, World, driver, north

pytestmark = pytest.mark.mission("E1", "E3")

SECOND = timedelta(seconds=1)
CANDIDATE = Candidate("asha", north(100), NOW, DriverStatus.ONLINE, 0, 2, 4.5, 0.8)


async def test_the_best_driver_gets_an_offer_with_pay_pickup_and_expiry(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 400)
    assert await world.search() is Outcome.OFFERED
    offer = world.offer()
    assert (offer.driver_id, offer.order_id, offer.state) == ("asha", ORDER_ID, OfferState.OPEN)
    assert offer.expires_at == NOW + timedelta(seconds=30)
    assert offer.distance_m == pytest.approx(400, abs=1)
    assert (offer.pay.amount, offer.pay.currency) == (2_500, "INR")
    assert (offer.merchant_name, offer.pickup) == ("Dosa Corner", world.order().pickup)


async def test_the_assignment_names_the_offer_without_assigning_its_driver(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    assignment = world.assignment()
    assert assignment.state is AssignmentState.OFFERED
    assert (assignment.attempt, assignment.offer_id) == (1, offer_id(ORDER_ID, 1))
    assert assignment.driver_id is None
    assert world.driver("asha").offers_made == 1
    assert world.timeline() == ["offer_made"]
    assert world.bus.fields("offer_made")[0]["driver_id"] == "asha"


async def test_the_deadline_of_an_offer_has_the_offers_id(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    assert world.deadlines.tasks[offer_id(ORDER_ID, 1)].at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize("metres", [1_900, 3_900, 7_900, 11_900])
async def test_the_search_widens_until_a_driver_is_found(world: World, metres: float) -> None:
    world.add_order()
    await world.add_driver("asha", metres)
    assert await world.search() is Outcome.OFFERED


async def test_a_driver_beyond_the_widest_radius_gets_no_offer(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 12_100)
    assert await world.search() is Outcome.POSTPONED


async def test_a_near_driver_gets_the_offer_before_a_better_one_beyond_the_radius(world: World) -> None:
    world.add_order()
    await world.add_driver("near", 1_900, rating_sum=1, rating_count=1)
    await world.add_driver("star", 2_100, rating_sum=500, rating_count=100)
    await world.search()
    assert world.offer().driver_id == "near"


@pytest.mark.parametrize(("fulfilment", "payment"), NOT_READY_AND_PAID)
async def test_an_order_that_is_not_ready_and_paid_is_not_offered(
    world: World, fulfilment: Fulfilment, payment: PaymentState
) -> None:
    world.add_order(fulfilment, payment)
    await world.add_driver("asha")
    assert await world.search() is Outcome.NOTHING_TO_DO
    assert world.offers() == []
    assert world.deadlines.tasks == {}


async def test_an_unknown_order_is_an_error(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await world.search("ord_unknown")


async def test_a_redelivered_event_makes_no_second_offer(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.add_driver("bala")
    await world.search()
    for _ in range(10):
        assert await world.search() is Outcome.NOTHING_TO_DO
    assert len(world.offers()) == 1
    assert world.bus.names() == ["offer_made"]


async def test_a_redelivery_repairs_a_crash_between_offer_and_deadline(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.deadlines.down = True
    with pytest.raises(Unavailable):
        await world.search()
    world.deadlines.down = False
    world.wait(SECOND)
    await world.search()
    assert world.deadlines.tasks[offer_id(ORDER_ID, 1)].at == NOW + timedelta(seconds=30)
    assert len(world.offers()) == 1


async def test_a_driver_with_an_outstanding_offer_is_passed_over(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 900)
    await world.index.reserve("asha", "off_other_1", timedelta(seconds=30))
    await world.search()
    assert world.offer().driver_id == "bala"


async def test_two_concurrent_orders_are_offered_to_two_drivers(world: World) -> None:
    world.add_order()
    other = world.add_order(id="ord_2")
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 900)
    await world.search()
    await world.search(other)
    assert {offer.driver_id for offer in world.offers()} == {"asha", "bala"}


@pytest.mark.parametrize(
    "changes",
    [{"status": DriverStatus.OFFLINE}, {"approved": False}, {"active_orders": ["ord_8", "ord_9"]}],
    ids=["offline", "not approved", "full"],
)
async def test_the_record_overrules_the_index_which_is_then_corrected(
    world: World, changes: dict[str, object]
) -> None:
    world.add_order()
    await world.add_driver("liar", 100)
    await world.add_driver("bala", 900)
    stored = world.database.data("drivers/liar")
    world.database.seed("drivers/liar", {**stored, **changes, "version": 7})
    await world.search()
    assert world.offer().driver_id == "bala"
    corrected = world.index.availability("liar")
    assert corrected is not None
    assert corrected.version == 7


async def test_a_user_in_the_index_who_is_no_driver_is_removed(world: World) -> None:
    world.add_order()
    await world.add_driver("ghost")
    del world.database.docs["drivers/ghost"]
    assert await world.search() is Outcome.POSTPONED
    assert world.index.availability("ghost") is None


async def test_the_events_of_an_offer_survive_a_bus_that_is_down(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.bus.down = True
    assert await world.search() is Outcome.OFFERED
    assert world.outbox() == 1


async def test_the_index_near_a_pole_is_empty(world: World) -> None:
    await world.add_driver("asha")
    assert await world.candidates(north(9_000_000), 12_000) == []


async def test_an_offer_is_refused_when_the_assignment_has_changed(world: World) -> None:
    world.add_order()
    seen = world.assignment()
    await world.search()
    moved = AssignmentContext(world.order(), None, driver("asha"))
    proposal = sequential([world.order()], [CANDIDATE], NOW, world.config)[0]
    with pytest.raises(OrderNotWaiting):
        offers.make(moved, seen, [proposal], world.config, NOW)


async def test_a_customer_gets_no_offer_for_their_own_order(world: World) -> None:
    world.add_order(customer_id="asha")
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 900)
    await world.search()
    assert world.offer().driver_id == "bala"
