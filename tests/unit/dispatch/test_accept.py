"""Accepting an offer: one winner, by the clock and by the records."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.dispatch.domain import (
    OfferExpired,
    OfferNotFound,
    OfferNotOpen,
    OfferState,
    OrderNotWaiting,
    offer_id,
    order_id_of,
)
from shared.dispatch.drivers import (
    DriverNotApproved,
    DriverNotOnline,
    DriverStatus,
    LoadCapReached,
)
from shared.dispatch.queries import own_offer
from shared.dispatch.usecases.accept_offer import AcceptOffer, accept_offer
from shared.kernel.errors import WrongState
from shared.kernel.once import AlreadyAnswered, Once
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E3")

OFFER_TIMEOUT = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=1)


async def test_who_accepts_gets_the_order(asked: World) -> None:
    after = await asked.accept("asha")
    assert after.offer is not None
    assert after.offer.state is OfferState.ACCEPTED
    assert (asked.assignment().state, asked.assignment().driver_id) == (AssignmentState.ASSIGNED, "asha")
    assert asked.driver("asha").active_orders == (ORDER_ID,)
    assert asked.driver("asha").offers_accepted == 1
    assert asked.timeline() == ["offer_made", "driver_assigned"]
    [told] = asked.bus.fields("driver_assigned")
    assert (told["driver_id"], told["customer_id"], told["merchant_staff"]) == (
        "asha",
        "customer-1",
        ["staff-1"],
    )


async def test_the_index_hears_of_the_load_and_the_driver_can_be_asked_again(asked: World) -> None:
    await asked.accept("asha")
    availability = asked.map.availability("asha")
    assert availability is not None
    assert availability.load == 1
    assert await asked.map.reserve("asha", "off_other_1", OFFER_TIMEOUT)


async def test_an_index_that_is_down_does_not_take_the_order_away_again(asked: World) -> None:
    asked.map.down = True
    await asked.accept("asha")
    assert asked.assignment().driver_id == "asha"


async def test_another_drivers_offer_is_not_found(asked: World) -> None:
    with pytest.raises(OfferNotFound):
        await asked.accept("bala")
    with pytest.raises(OfferNotFound):
        await asked.decline("bala")


@pytest.mark.parametrize(
    "name", ["off_x_1", "off_x", "ord_x", "", "../../drivers/asha", "off_ü_1", "off_x_1_"]
)
async def test_what_is_no_offers_id_is_not_found(asked: World, name: str) -> None:
    with pytest.raises(OfferNotFound):
        await accept_offer(AcceptOffer(name, "asha"), store=asked.store, index=asked.map, now=asked.now)
    with pytest.raises(OfferNotFound):
        await own_offer(name, "asha", store=asked.store)


async def test_an_offer_that_was_never_made_is_not_found(asked: World) -> None:
    with pytest.raises(OfferNotFound):
        await asked.accept("asha", attempt=9)


def test_an_offers_id_names_its_order() -> None:
    assert order_id_of(offer_id(ORDER_ID, 12)) == ORDER_ID


async def test_a_second_acceptance_is_refused(asked: World) -> None:
    await asked.accept("asha")
    with pytest.raises(OfferNotOpen):
        await asked.accept("asha")


async def test_a_late_acceptance_is_refused_though_no_task_has_fired(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT)
    with pytest.raises(OfferExpired):
        await asked.accept("asha")
    assert asked.offer().state is OfferState.OPEN


async def test_an_acceptance_at_the_last_moment_counts(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT - MOMENT)
    await asked.accept("asha")
    assert asked.assignment().driver_id == "asha"


async def test_a_cancelled_order_cannot_be_accepted_before_dispatch_has_heard_of_it(asked: World) -> None:
    await asked.cancel()
    with pytest.raises(OrderNotWaiting):
        await asked.accept("asha")


async def test_an_offer_that_is_no_longer_the_orders_own_cannot_be_accepted(asked: World) -> None:
    stored = asked.database.data(f"orders/{ORDER_ID}")
    asked.database.seed(
        f"orders/{ORDER_ID}",
        {**stored, "assignment": {**stored["assignment"], "offer_id": offer_id(ORDER_ID, 2)}},
    )
    with pytest.raises(OrderNotWaiting):
        await asked.accept("asha")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": DriverStatus.OFFLINE}, DriverNotOnline),
        ({"status": DriverStatus.ON_BREAK}, DriverNotOnline),
        ({"approved": False}, DriverNotApproved),
        ({"active_orders": ["ord_8", "ord_9"]}, LoadCapReached),
    ],
)
async def test_a_driver_who_cannot_carry_it_cannot_accept(
    asked: World, changes: dict[str, Any], refusal: type[WrongState]
) -> None:
    asked.database.seed("drivers/asha", {**asked.database.data("drivers/asha"), **changes})
    with pytest.raises(refusal):
        await asked.accept("asha")


async def test_the_same_key_gets_the_same_answer_and_no_second_effect(asked: World) -> None:
    once = Once("key", "body", lambda context: {"state": context.offer.state})
    await asked.accept("asha", once=once)
    with pytest.raises(AlreadyAnswered) as again:
        await asked.accept("asha", once=once)
    assert again.value.answer == {"state": "accepted"}
    assert asked.bus.names().count("driver_assigned") == 1


async def test_of_two_hundred_acceptances_at_once_one_wins(asked: World) -> None:
    keys = [Once(f"key-{n}", "body", lambda _: {}) for n in range(200)]
    results = await asyncio.gather(*(asked.accept("asha", once=key) for key in keys), return_exceptions=True)
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert sum(isinstance(result, OfferNotOpen) for result in results) == 199
    assert asked.driver("asha").active_orders == (ORDER_ID,)
