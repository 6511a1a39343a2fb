"""Accepting an offer: one driver wins, by the clock and by the records."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.dispatch.domain import (
    OfferAnswerTooLate,
    OfferNotFound,
    OfferNotOpen,
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
from shared.dispatch.machine import OfferState
from shared.dispatch.queries import own_offer
from shared.dispatch.usecases.accept_offer import AcceptOffer, accept_offer
from shared.kernel.errors import WrongState
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E3")

OFFER_TIMEOUT = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=1)


async def test_the_driver_who_accepts_gets_the_order(offered: World) -> None:
    after = await offered.accept("asha")
    assert after.offer is not None
    assert after.offer.state is OfferState.ACCEPTED
    assert (offered.assignment().state, offered.assignment().driver_id) == (AssignmentState.ASSIGNED, "asha")
    assert offered.driver("asha").active_orders == (ORDER_ID,)
    assert offered.driver("asha").offers_accepted == 1
    assert offered.timeline() == ["offer_made", "driver_assigned"]
    [event] = offered.bus.fields("driver_assigned")
    assert (event["driver_id"], event["customer_id"], event["merchant_id"]) == (
        "asha",
        "customer-1",
        "mer_1",
    )


async def test_an_acceptance_updates_the_load_in_the_index_and_releases_the_reservation(
    offered: World,
) -> None:
    await offered.accept("asha")
    availability = offered.index.availability("asha")
    assert availability is not None
    assert availability.load == 1
    assert await offered.index.reserve("asha", "off_other_1", OFFER_TIMEOUT)


async def test_an_index_that_is_down_does_not_undo_an_acceptance(offered: World) -> None:
    offered.index.down = True
    await offered.accept("asha")
    assert offered.assignment().driver_id == "asha"


async def test_another_drivers_offer_is_not_found(offered: World) -> None:
    with pytest.raises(OfferNotFound):
        await offered.accept("bala")
    with pytest.raises(OfferNotFound):
        await offered.decline("bala")


@pytest.mark.parametrize(
    "name", ["off_x_1", "off_x", "ord_x", "", "../../drivers/asha", "off_ü_1", "off_x_1_"]
)
async def test_an_id_that_is_no_offer_id_is_not_found(offered: World, name: str) -> None:
    with pytest.raises(OfferNotFound):
        await accept_offer(
            AcceptOffer(name, "asha"), store=offered.store, index=offered.index, now=offered.now
        )
    with pytest.raises(OfferNotFound):
        await own_offer(name, "asha", store=offered.store)


async def test_an_offer_that_was_never_made_is_not_found(offered: World) -> None:
    with pytest.raises(OfferNotFound):
        await offered.accept("asha", attempt=9)


def test_an_offers_id_names_its_order() -> None:
    assert order_id_of(offer_id(ORDER_ID, 12)) == ORDER_ID


async def test_a_second_acceptance_is_refused(offered: World) -> None:
    await offered.accept("asha")
    with pytest.raises(OfferNotOpen):
        await offered.accept("asha")


async def test_a_late_acceptance_is_refused_before_the_task_has_fired(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT)
    with pytest.raises(OfferAnswerTooLate):
        await offered.accept("asha")
    assert offered.offer().state is OfferState.OPEN


async def test_an_acceptance_at_the_last_moment_counts(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT - MOMENT)
    await offered.accept("asha")
    assert offered.assignment().driver_id == "asha"


async def test_a_cancelled_order_cannot_be_accepted_before_the_event_reaches_dispatch(offered: World) -> None:
    await offered.cancel()
    with pytest.raises(OrderNotWaiting):
        await offered.accept("asha")


async def test_an_offer_that_the_assignment_does_not_name_cannot_be_accepted(offered: World) -> None:
    offered.change_search(offer_id=offer_id(ORDER_ID, 2))
    with pytest.raises(OrderNotWaiting):
        await offered.accept("asha")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": DriverStatus.OFFLINE}, DriverNotOnline),
        ({"status": DriverStatus.ON_BREAK}, DriverNotOnline),
        ({"approved": False}, DriverNotApproved),
        ({"active_orders": ["ord_8", "ord_9"]}, LoadCapReached),
    ],
)
async def test_a_driver_who_cannot_take_an_order_cannot_accept(
    offered: World, changes: dict[str, Any], refusal: type[WrongState]
) -> None:
    offered.database.seed("drivers/asha", {**offered.database.data("drivers/asha"), **changes})
    with pytest.raises(refusal):
        await offered.accept("asha")


async def test_the_same_key_gets_the_same_answer_and_no_second_effect(offered: World) -> None:
    idempotency = IdempotentRequest("key", "body", lambda context: {"state": context.offer.state})
    await offered.accept("asha", idempotency=idempotency)
    with pytest.raises(AlreadyAnswered) as again:
        await offered.accept("asha", idempotency=idempotency)
    assert again.value.answer == {"state": "accepted"}
    assert offered.bus.names().count("driver_assigned") == 1


async def test_of_two_hundred_concurrent_acceptances_one_succeeds(offered: World) -> None:
    keys = [IdempotentRequest(f"key-{n}", "body", lambda _: {}) for n in range(200)]
    results = await asyncio.gather(
        *(offered.accept("asha", idempotency=key) for key in keys), return_exceptions=True
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert sum(isinstance(result, OfferNotOpen) for result in results) == 199
    assert offered.driver("asha").active_orders == (ORDER_ID,)
