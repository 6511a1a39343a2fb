"""Offers that are declined or expire."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.dispatch.domain import MAX_NOT_ASKED, OfferAnswerTooLate, OfferNotFound, OfferNotOpen, offer_id
from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.errors import TooEarly, Unavailable
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

OFFER_TIMEOUT = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=1)


async def test_after_a_decline_the_next_driver_gets_an_offer(offered: World) -> None:
    declined = await offered.decline("asha")
    assert declined.offer == offered.offer()
    assert offered.offer().state is OfferState.DECLINED
    assert (offered.assignment().state, offered.assignment().excluded_drivers) == (
        AssignmentState.SEARCHING,
        ("asha",),
    )
    assert offered.bus.names()[-1] == "offer_declined"
    assert await offered.search() is Outcome.OFFERED
    assert offered.offer(2).driver_id == "bala"


async def test_an_offer_is_declined_once(offered: World) -> None:
    await offered.decline("asha")
    with pytest.raises(OfferNotOpen):
        await offered.decline("asha")
    with pytest.raises(OfferNotOpen):
        await offered.accept("asha")


async def test_a_decline_after_the_deadline_is_refused(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT)
    with pytest.raises(OfferAnswerTooLate):
        await offered.decline("asha")


async def test_a_decline_of_a_cancelled_order_withdraws_the_offer_and_ends_the_search(
    offered: World,
) -> None:
    await offered.cancel()
    await offered.decline("asha")
    assert offered.offer().state is OfferState.WITHDRAWN
    assert await offered.search() is Outcome.NOTHING_TO_DO


async def test_a_driver_who_declined_can_get_an_offer_for_another_order_at_once(offered: World) -> None:
    await offered.decline("asha")
    other = offered.add_order(id="ord_2")
    await offered.search(other)
    assert offered.offer(1, other).driver_id == "asha"


async def test_after_all_drivers_declined_the_next_search_attempt_offers_to_them_again(
    offered: World,
) -> None:
    await offered.decline("asha")
    await offered.search()
    await offered.decline("bala", 2)
    assert await offered.search() is Outcome.POSTPONED
    assert offered.assignment().excluded_drivers == ()
    assert offered.assignment().no_candidates_since == offered.now, "both drivers have just answered"
    offered.wait(timedelta(seconds=3))
    assert await offered.search(search_attempt=1) is Outcome.OFFERED
    assert (offered.offer(3).driver_id, offered.assignment().attempt) == ("asha", 3)


# expiry


async def test_after_an_expiry_the_next_driver_gets_an_offer_at_once(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT)
    await offered.ping("asha", metres=100)
    await offered.ping("bala", metres=2_500)
    await offered.expire()
    assert offered.offer().state is OfferState.EXPIRED
    assert offered.offer(2).driver_id == "bala"
    assert offered.timeline() == ["offer_made", "offer_expired", "offer_made"]
    assert offered.bus.names() == ["offer_made", "offer_made"]


async def test_a_deadline_that_fires_too_early_changes_nothing(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT - MOMENT)
    with pytest.raises(TooEarly):
        await offered.expire()
    assert offered.offer().state is OfferState.OPEN


async def test_a_deadline_that_fires_twice_makes_one_offer(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT)
    for _ in range(5):
        await offered.expire()
    assert [offer.attempt for offer in offered.offers()] == [1, 2]


async def test_a_deadline_after_the_answer_changes_nothing(offered: World) -> None:
    await offered.accept("asha")
    offered.wait(OFFER_TIMEOUT)
    before = len(offered.database.commits)
    assert (await offered.expire()).state is OfferState.ACCEPTED
    assert len(offered.database.commits) == before


async def test_a_deadline_of_an_unknown_offer_is_an_error(world: World) -> None:
    with pytest.raises(OfferNotFound):
        await world.expire()


async def test_an_expired_offer_of_a_cancelled_order_is_withdrawn_and_no_other_offer_made(
    offered: World,
) -> None:
    await offered.cancel()
    offered.wait(OFFER_TIMEOUT)
    assert (await offered.expire()).state is OfferState.WITHDRAWN
    assert len(offered.offers()) == 1


async def test_a_retry_repairs_a_crash_between_expiry_and_search(offered: World) -> None:
    offered.wait(OFFER_TIMEOUT)
    await offered.ping("bala")
    offered.deadlines.down = True
    with pytest.raises(Unavailable):
        await offered.expire()
    offered.deadlines.down = False
    await offered.expire()
    assert offer_id(ORDER_ID, 2) in offered.deadlines.tasks


async def test_fault_15_a_search_remembers_a_bounded_number_of_drivers_it_asked(offered: World) -> None:
    asked = tuple(f"driver-{number}" for number in range(MAX_NOT_ASKED))
    offered.change_search(excluded_drivers=asked)
    await offered.decline("asha")
    assert offered.assignment().excluded_drivers == (*asked[1:], "asha")
