"""What a driver learns from an offer, and whom people are never brought together with."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dispatch.domain import AREA_M, Place, area
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.geo import Point, distance_m
from tests.builders import CUSTOMER, ORDER_ID
from tests.unit.dispatch.world import World


async def test_an_offer_tells_the_area_of_the_drop_off_and_no_address(asked: World) -> None:
    offer, home = asked.offer(), asked.order().dropoff
    assert offer.dropoff.address == ""
    assert (offer.dropoff.lat, offer.dropoff.lng) != (home.lat, home.lng)
    assert distance_m(offer.dropoff.point, home.point) < AREA_M


@pytest.mark.parametrize("end", ["open", "accept", "decline", "cancel"])
async def test_no_offer_document_holds_address_or_score_whatever_became_of_it(asked: World, end: str) -> None:
    if end == "accept":
        await asked.accept("asha")
    elif end == "decline":
        await asked.decline("asha")
    elif end == "cancel":
        await asked.cancel()
        await asked.handle_cancellation()
    stored = asked.database.data(f"offers/{asked.offer().id}")
    assert "score" not in stored
    assert "12th Main" not in json.dumps(stored, default=str)
    assert "acceptance" not in json.dumps(stored, default=str)


async def test_who_accepts_reads_the_address_in_the_order(asked: World) -> None:
    after = await asked.accept("asha")
    assert after.order is not None
    assert after.order.dropoff.address == "12th Main"


async def test_the_terms_of_everybody_who_could_be_asked_are_kept_for_support(world: World) -> None:
    world.add_order()
    for n, uid in enumerate(("asha", "bala", "chitra")):
        await world.add_driver(uid, 300 * (n + 1))
    await world.add_driver("busy", 100, active_orders=("ord_8", "ord_9"))
    await world.search()
    kept = world.ranking()
    assert (kept.offer_id, kept.order_id, kept.driver_id) == (world.offer().id, ORDER_ID, "asha")
    assert [told.driver_id for told in kept.candidates] == ["asha", "bala", "chitra"]
    assert kept.considered == 3
    totals = [told.score.total for told in kept.candidates]
    assert totals == sorted(totals, reverse=True)
    assert kept.candidates[0].score.weights == world.config.weights


async def test_of_a_crowd_the_best_twenty_are_kept_and_all_are_counted(world: World) -> None:
    world.add_order()
    for n in range(25):
        await world.add_driver(f"d{n:02}", 50 * (n + 1))
    await world.search()
    assert (world.ranking().considered, len(world.ranking().candidates)) == (25, 20)


async def test_who_was_passed_over_is_told_of_no_more_in_the_next_ranking(asked: World) -> None:
    await asked.decline("asha")
    await asked.search()
    assert [told.driver_id for told in asked.ranking(2).candidates] == ["bala"]


@given(st.floats(-84, 84), st.floats(-180, 180))
def test_an_area_is_about_five_hundred_metres_wide_everywhere(lat: float, lng: float) -> None:
    middle = area(Place(lat, lng, "home"))
    assert -90 <= middle.lat <= 90
    assert -180 <= middle.lng <= 180
    assert distance_m(middle.point, Point(lat, lng)) < 0.75 * AREA_M


@given(st.floats(-80, 80), st.floats(-179, 179))
def test_an_area_tells_no_more_the_second_time(lat: float, lng: float) -> None:
    once = area(Place(lat, lng))
    again = area(once)
    assert (again.lat, again.lng) == pytest.approx((once.lat, once.lng), abs=1e-4)


# people who are kept apart


async def test_a_driver_and_a_customer_who_are_kept_apart_are_not_brought_together(asked: World) -> None:
    asked.block(CUSTOMER, "bala")
    await asked.decline("asha")
    assert await asked.search() is Outcome.POSTPONED
    assert [offer.driver_id for offer in asked.offers()] == ["asha"]


async def test_with_nobody_but_somebody_blocked_there_nobody_is_there(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.block(CUSTOMER, "asha")
    assert await world.search() is Outcome.POSTPONED
    assert world.assignment().no_candidates_since == world.now


@pytest.mark.parametrize("stored", [None, [], "asha", {"asha": True}, 7])
async def test_a_field_that_is_no_list_keeps_nobody_apart(world: World, stored: object) -> None:
    world.database.seed(f"users/{CUSTOMER}", {"not_matched": stored})
    world.add_order()
    await world.add_driver("asha")
    assert await world.search() is Outcome.OFFERED


async def test_a_search_with_nothing_to_do_reads_nothing_of_the_customer(
    asked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unexpected(_: str) -> frozenset[str]:
        raise AssertionError("nobody is searched for")

    monkeypatch.setattr(asked.store, "not_matched", unexpected)
    assert await asked.search() is Outcome.NOTHING_TO_DO
