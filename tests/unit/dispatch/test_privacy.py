"""The data that an offer reveals, and users who are never matched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dispatch.domain import Place, area
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.geo import AREA_M, Point, distance_m
from tests.builders import CUSTOMER, ORDER_ID
from tests.unit.dispatch.world import World


async def test_an_offer_holds_the_area_of_the_drop_off_without_an_address(offered: World) -> None:
    offer, home = offered.offer(), offered.order().dropoff
    assert offer.dropoff.address == ""
    assert (offer.dropoff.lat, offer.dropoff.lng) != (home.lat, home.lng)
    assert distance_m(offer.dropoff.point, home.point) < AREA_M


@pytest.mark.parametrize("end", ["open", "accept", "decline", "cancel"])
async def test_no_offer_document_holds_address_or_score_in_any_state(offered: World, end: str) -> None:
    if end == "accept":
        await offered.accept("asha")
    elif end == "decline":
        await offered.decline("asha")
    elif end == "cancel":
        await offered.cancel()
        await offered.handle_cancellation()
    stored = offered.database.data(f"offers/{offered.offer().id}")
    assert "score" not in stored
    assert "12th Main" not in json.dumps(stored, default=str)
    assert "acceptance" not in json.dumps(stored, default=str)


async def test_fault_06_the_order_does_not_show_who_was_asked_and_who_declined(offered: World) -> None:
    await offered.decline("asha")
    await offered.search()
    offered.wait(offered.config.offer_timeout)
    await offered.expire(2)
    stored = offered.database.data(f"orders/{ORDER_ID}")
    assert set(stored["assignment"]) == {
        "state",
        "driver_id",
        "since",
        "has_active_work",
        "check_at",
        "escalated_at",
    }
    for uid in ("asha", "bala"):
        assert uid not in json.dumps(stored, default=str)
    actors = [(entry["type"], entry["actor"]) for entry in stored["timeline"]]
    assert ("offer_declined", "driver") in actors
    assert {actor for kind, actor in actors if kind != "offer_declined"} == {"system"}


async def test_fault_06_an_order_of_an_earlier_version_loses_its_search_with_the_next_change(
    offered: World,
) -> None:
    path, search = f"orders/{ORDER_ID}", f"orders/{ORDER_ID}/private/search"
    order, hidden = offered.database.data(path), offered.database.data(search)
    del offered.database.docs[search]
    inline = {name: value for name, value in hidden.items() if name != "_changes"}
    offered.database.seed(path, {**order, "assignment": {**order["assignment"], **inline}})

    await offered.decline("asha")

    assert "excluded_drivers" not in offered.database.data(path)["assignment"]
    assert (offered.assignment().excluded_drivers, offered.assignment().attempt) == (("asha",), 1)


async def test_the_driver_who_accepts_reads_the_address_in_the_order(offered: World) -> None:
    after = await offered.accept("asha")
    assert after.order is not None
    assert after.order.dropoff.address == "12th Main"


async def test_the_scores_of_all_candidates_are_stored_for_support(world: World) -> None:
    world.add_order()
    for n, uid in enumerate(("asha", "bala", "chitra")):
        await world.add_driver(uid, 300 * (n + 1))
    await world.add_driver("busy", 100, active_orders=("ord_8", "ord_9"))
    await world.search()
    kept = world.ranking()
    assert (kept.offer_id, kept.order_id, kept.driver_id) == (world.offer().id, ORDER_ID, "asha")
    assert [candidate.driver_id for candidate in kept.candidates] == ["asha", "bala", "chitra"]
    assert kept.considered == 3
    totals = [candidate.score.total for candidate in kept.candidates]
    assert totals == sorted(totals, reverse=True)
    assert kept.candidates[0].score.weights == world.config.weights


async def test_of_many_candidates_the_best_twenty_are_stored_and_all_are_counted(world: World) -> None:
    world.add_order()
    for n in range(25):
        await world.add_driver(f"d{n:02}", 50 * (n + 1))
    await world.search()
    assert (world.ranking().considered, len(world.ranking().candidates)) == (25, 20)


async def test_an_excluded_driver_is_not_in_the_next_ranking(offered: World) -> None:
    await offered.decline("asha")
    await offered.search()
    assert [candidate.driver_id for candidate in offered.ranking(2).candidates] == ["bala"]


@given(st.floats(-84, 84), st.floats(-180, 180))
def test_an_area_is_about_five_hundred_metres_wide_everywhere(lat: float, lng: float) -> None:
    middle = area(Place(lat, lng, "home"))
    assert -90 <= middle.lat <= 90
    assert -180 <= middle.lng <= 180
    assert distance_m(middle.point, Point(lat, lng)) < 0.75 * AREA_M


@given(st.floats(-80, 80), st.floats(-179, 179))
def test_the_area_of_an_area_is_the_same(lat: float, lng: float) -> None:
    once = area(Place(lat, lng))
    again = area(once)
    assert (again.lat, again.lng) == pytest.approx((once.lat, once.lng), abs=1e-4)


# users who blocked each other


async def test_a_driver_and_a_customer_who_blocked_each_other_are_not_matched(offered: World) -> None:
    offered.block(CUSTOMER, "bala")
    await offered.decline("asha")
    assert await offered.search() is Outcome.POSTPONED
    assert [offer.driver_id for offer in offered.offers()] == ["asha"]


async def test_a_blocked_driver_does_not_count_as_a_candidate(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.block(CUSTOMER, "asha")
    assert await world.search() is Outcome.POSTPONED
    assert world.assignment().no_candidates_since == world.now


@pytest.mark.parametrize("stored", [None, [], "asha", {"asha": True}, 7])
async def test_a_block_field_that_is_no_list_blocks_no_driver(world: World, stored: object) -> None:
    world.database.seed(f"review_records/{CUSTOMER}", {"not_matched": stored})
    world.add_order()
    await world.add_driver("asha")
    assert await world.search() is Outcome.OFFERED


async def test_a_search_with_nothing_to_do_reads_nothing_of_the_customer(
    offered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unexpected(_: str) -> frozenset[str]:
        raise AssertionError("no search runs")

    monkeypatch.setattr(offered.store, "not_matched", unexpected)
    assert await offered.search() is Outcome.NOTHING_TO_DO
