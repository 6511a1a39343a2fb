"""Offers that nobody takes: declined, lapsed, and asked on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch.domain import (
    OfferExpired,
    OfferNotFound,
    OfferNotOpen,
    OfferState,
    offer_id,
)
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.errors import TooEarly, Unavailable
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

OFFER_TIMEOUT = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=1)


async def test_after_a_decline_the_next_driver_is_asked(asked: World) -> None:
    declined = await asked.decline("asha")
    assert declined.offer == asked.offer()
    assert asked.offer().state is OfferState.DECLINED
    assert (asked.assignment().state, asked.assignment().excluded_drivers) == (
        AssignmentState.SEARCHING,
        ("asha",),
    )
    assert asked.bus.names()[-1] == "offer_declined"
    assert await asked.search() is Outcome.OFFERED
    assert asked.offer(2).driver_id == "bala"


async def test_an_offer_is_declined_once(asked: World) -> None:
    await asked.decline("asha")
    with pytest.raises(OfferNotOpen):
        await asked.decline("asha")
    with pytest.raises(OfferNotOpen):
        await asked.accept("asha")


async def test_a_decline_after_the_deadline_is_refused(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT)
    with pytest.raises(OfferExpired):
        await asked.decline("asha")


async def test_a_decline_of_a_cancelled_order_withdraws_the_offer_and_searches_for_nobody(
    asked: World,
) -> None:
    await asked.cancel()
    await asked.decline("asha")
    assert asked.offer().state is OfferState.WITHDRAWN
    assert await asked.search() is Outcome.NOTHING_TO_DO


async def test_whoever_declined_can_be_asked_for_other_orders_at_once(asked: World) -> None:
    await asked.decline("asha")
    other = asked.add_order(id="ord_2")
    await asked.search(other)
    assert asked.offer(1, other).driver_id == "asha"


async def test_when_everybody_has_said_no_a_new_round_asks_them_again(asked: World) -> None:
    await asked.decline("asha")
    await asked.search()
    await asked.decline("bala", 2)
    assert await asked.search() is Outcome.POSTPONED
    assert asked.assignment().excluded_drivers == ()
    assert asked.assignment().no_candidates_since == asked.now, "they have only just answered"
    asked.wait(timedelta(seconds=3))
    assert await asked.search(search_attempt=1) is Outcome.OFFERED
    assert (asked.offer(3).driver_id, asked.assignment().attempt) == ("asha", 3)


# lapsing


async def test_a_lapsed_offer_goes_to_the_next_driver_at_once(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT)
    await asked.ping("asha", metres=100)
    await asked.ping("bala", metres=2_500)
    await asked.expire()
    assert asked.offer().state is OfferState.EXPIRED
    assert asked.offer(2).driver_id == "bala"
    assert asked.timeline() == ["offer_made", "offer_expired", "offer_made"]
    assert asked.bus.names() == ["offer_made", "offer_made"]


async def test_a_deadline_that_comes_too_early_changes_nothing(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT - MOMENT)
    with pytest.raises(TooEarly):
        await asked.expire()
    assert asked.offer().state is OfferState.OPEN


async def test_a_deadline_that_comes_twice_asks_one_driver(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT)
    for _ in range(5):
        await asked.expire()
    assert [offer.attempt for offer in asked.offers()] == [1, 2]


async def test_a_deadline_after_the_answer_changes_nothing(asked: World) -> None:
    await asked.accept("asha")
    asked.wait(OFFER_TIMEOUT)
    before = len(asked.database.commits)
    assert (await asked.expire()).state is OfferState.ACCEPTED
    assert len(asked.database.commits) == before


async def test_a_deadline_of_an_unknown_offer_is_an_error(world: World) -> None:
    with pytest.raises(OfferNotFound):
        await world.expire()


async def test_a_lapsed_offer_of_a_cancelled_order_is_withdrawn_and_nobody_else_asked(asked: World) -> None:
    await asked.cancel()
    asked.wait(OFFER_TIMEOUT)
    assert (await asked.expire()).state is OfferState.WITHDRAWN
    assert len(asked.offers()) == 1


async def test_a_crash_between_lapse_and_search_is_repaired_by_the_retry(asked: World) -> None:
    asked.wait(OFFER_TIMEOUT)
    await asked.ping("bala")
    asked.deadlines.down = True
    with pytest.raises(Unavailable):
        await asked.expire()
    asked.deadlines.down = False
    await asked.expire()
    assert offer_id(ORDER_ID, 2) in asked.deadlines.tasks
