"""One suite for the driver location index: the fake, the simulation's, and Redis."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.geo import Point, distance_m, region
from tests.contract.driver_indexes import MAX_POSITION_AGE, IndexUnderTest
from tests.contract.drivers import CENTRE, HALF_MINUTE, NOW, availability, border, driver, moved
from tests.contract.position_cases import CASES, PositionCase
from tests.fakes.dispatch import MemoryDriverIndex

pytestmark = pytest.mark.mission("E1")


async def test_a_driver_is_found_with_the_terms_of_their_score(
    driver_index: IndexUnderTest,
) -> None:
    asha = driver(active_orders=("ord_1",), rating_sum=9, rating_count=2, offers_made=4, offers_accepted=2)
    at = moved(CENTRE, 300)
    await driver_index.index.upsert_position(asha, at, NOW)
    [found] = await driver_index.candidates(CENTRE, 2_000, NOW)
    assert (found.driver_id, found.point, found.located_at) == ("asha", at, NOW)
    assert (found.status, found.load, found.load_cap) == (DriverStatus.ONLINE, 1, 2)
    assert (found.rating, found.acceptance) == (asha.rating, asha.acceptance)
    assert found.outstanding_offer is None


async def test_drivers_come_nearest_first_and_only_from_within_the_radius(
    driver_index: IndexUnderTest,
) -> None:
    for uid, north in (("far", 1_999), ("out", 2_001), ("near", 10)):
        await driver_index.index.upsert_position(driver(uid), moved(CENTRE, north), NOW)
    assert await driver_index.near(CENTRE, 2_000) == ["near", "far"]


async def test_a_position_older_than_a_minute_is_left_out(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    assert await driver_index.near(CENTRE, 2_000, NOW + timedelta(seconds=60)) == ["asha"]
    assert await driver_index.near(CENTRE, 2_000, NOW + timedelta(seconds=61)) == []


async def test_a_driver_who_fell_silent_is_found_again_after_the_next_report(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    later = NOW + timedelta(minutes=5)
    assert await driver_index.near(CENTRE, 2_000, later) == []
    await driver_index.report(CENTRE, 300)
    assert await driver_index.near(CENTRE, 2_000, later) == ["asha"]


async def test_the_index_finds_what_brute_force_finds(driver_index: IndexUnderTest) -> None:
    chance = random.Random(7)
    points = {
        f"d{n}": moved(CENTRE, chance.uniform(-9e4, 9e4), chance.uniform(-9e4, 9e4)) for n in range(300)
    }
    for uid, at in points.items():
        await driver_index.index.upsert_position(driver(uid), at, NOW)
    assert len({region(at) for at in points.values()}) > 5, "the points lie in several regions"
    for radius in (2_000.0, 12_000.0, 20_000.0):
        for centre in chance.sample(sorted(points.values(), key=lambda p: p.lat), 15):
            assert await driver_index.near(centre, radius) == brute_force(points, centre, radius)


async def test_the_nearest_few_are_the_ones_that_brute_force_finds(driver_index: IndexUnderTest) -> None:
    chance = random.Random(8)
    points = {f"d{n}": moved(CENTRE, chance.gauss(0, 9e3), chance.gauss(0, 9e3)) for n in range(300)}
    for uid, at in points.items():
        await driver_index.index.upsert_position(driver(uid), at, NOW)
    for radius in (500.0, 4_000.0, 12_000.0):
        for centre in chance.sample(sorted(points.values(), key=lambda p: p.lat), 15):
            for few in (1, 7, 250):
                found = await driver_index.index.near(centre, radius, NOW - MAX_POSITION_AGE, few)
                assert [one.driver_id for one in found] == brute_force(points, centre, radius)[:few]


async def test_the_nearest_few_are_found_among_many_at_one_place(driver_index: IndexUnderTest) -> None:
    for n in range(60):
        await driver_index.index.upsert_position(driver(f"d{n:02}"), CENTRE, NOW)
    await driver_index.index.upsert_position(driver("nearest"), moved(CENTRE, 0.1), NOW)
    found = await driver_index.index.near(moved(CENTRE, 0.2), 2_000, NOW - MAX_POSITION_AGE, 3)
    assert [one.driver_id for one in found] == ["nearest", "d00", "d01"]


async def test_the_nearest_few_are_found_behind_many_who_fell_silent(driver_index: IndexUnderTest) -> None:
    for n in range(60):
        await driver_index.index.upsert_position(driver(f"silent{n}"), CENTRE, NOW)
    later = NOW + timedelta(minutes=5)
    await driver_index.index.upsert_position(driver("asha"), moved(CENTRE, 300), later)
    found = await driver_index.index.near(CENTRE, 2_000, later - MAX_POSITION_AGE, 1)
    assert [one.driver_id for one in found] == ["asha"]


@pytest.mark.parametrize("change", [{"active_orders": ("o1", "o2")}, {"status": DriverStatus.ON_BREAK}])
async def test_who_can_take_no_order_is_not_found_until_they_can(
    driver_index: IndexUnderTest, change: dict[str, Any]
) -> None:
    await driver_index.index.upsert_position(driver(load_cap=2), CENTRE, NOW)
    await driver_index.index.upsert_profile(driver(load_cap=2, version=2, **change))
    assert await driver_index.near(CENTRE, 2_000) == []
    await driver_index.report(moved(CENTRE, 20), 3)
    assert await driver_index.near(CENTRE, 2_000) == []
    await driver_index.index.upsert_profile(driver(load_cap=2, version=3))
    [found] = await driver_index.candidates(CENTRE, 2_000)
    assert found.point == moved(CENTRE, 20)


async def test_an_earlier_profile_does_not_make_a_driver_available_again(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.index.upsert_profile(driver(status=DriverStatus.OFFLINE, version=3))
    await driver_index.index.upsert_profile(driver(version=2))
    assert await driver_index.near(CENTRE, 2_000) == []


@pytest.mark.parametrize("last", [driver(version=9), driver(version=9, status=DriverStatus.OFFLINE)], ids=str)
async def test_a_change_of_availability_that_races_positions_wins(
    driver_index: IndexUnderTest, last: Driver
) -> None:
    here, there = border()
    await driver_index.index.upsert_position(driver(), here, NOW)
    profiles = [driver(version=n, active_orders=("o1",) * (n % 3)) for n in range(2, 9)]
    reports = [driver_index.report((here, there)[n % 2], 3 * n) for n in range(1, 16)]
    changes = [driver_index.index.upsert_profile(one) for one in (*profiles, last)]
    mixed = [*reports, *changes]
    random.Random(5).shuffle(mixed)
    await asyncio.gather(*mixed)
    later = NOW + timedelta(seconds=60)
    assert await driver_index.near(here, 2_000, later) == (["asha"] if last.can_take_order() else [])
    both = [
        *await driver_index.in_region(region(here), later),
        *await driver_index.in_region(region(there), later),
    ]
    assert both == (["asha"] if last.can_take_order() else [])


async def test_a_region_is_read_as_a_whole(driver_index: IndexUnderTest) -> None:
    here, there = border()
    full = driver("full", active_orders=("o1", "o2"))
    for someone, at in (
        (driver("asha"), here),
        (driver("bala"), here),
        (driver("chetan"), there),
        (full, here),
    ):
        await driver_index.index.upsert_position(someone, at, NOW)
    await driver_index.index.reserve("bala", "off_a_1", HALF_MINUTE)
    found = await driver_index.index.in_region(region(here), NOW - MAX_POSITION_AGE)
    offers = {one.driver_id: one.outstanding_offer for one in found}
    assert offers == {"asha": None, "bala": "off_a_1"}
    assert {one.driver_id: one for one in found}["asha"] in await driver_index.candidates(here, 10)
    assert await driver_index.in_region(region(here), NOW + timedelta(seconds=61)) == []


async def test_an_offer_stays_with_a_driver_who_moves_to_another_region(driver_index: IndexUnderTest) -> None:
    here, there = border()
    await driver_index.index.upsert_position(driver(), here, NOW)
    await driver_index.index.reserve("asha", "off_a_1", HALF_MINUTE)
    await driver_index.report(there, 10)
    [found] = await driver_index.candidates(there, 100)
    assert found.outstanding_offer == "off_a_1"
    await driver_index.index.release("asha", "off_a_1")
    [found] = await driver_index.candidates(there, 100)
    assert found.outstanding_offer is None


def brute_force(points: dict[str, Point], centre: Point, radius: float) -> Sequence[str]:
    measured = sorted((distance_m(at, centre), uid) for uid, at in points.items())
    return [uid for metres, uid in measured if metres <= radius]


async def test_a_driver_across_a_region_border_is_found(driver_index: IndexUnderTest) -> None:
    here, there = border()
    await driver_index.index.upsert_position(driver(), there, NOW)
    assert await driver_index.near(here, 500) == ["asha"]


async def test_a_driver_who_crosses_a_region_border_is_found_once_at_the_new_position(
    driver_index: IndexUnderTest,
) -> None:
    here, there = border()
    await driver_index.index.upsert_position(driver(), here, NOW)
    await driver_index.report(there, 10)
    found = await driver_index.candidates(here, 500, NOW)
    assert [candidate.point for candidate in found] == [there]
    assert await driver_index.near(here, 50) == []


async def test_an_older_report_does_not_move_the_driver_back(driver_index: IndexUnderTest) -> None:
    here, there = border()
    await driver_index.index.upsert_position(driver(), here, NOW)
    await driver_index.report(here, 0)
    await driver_index.report(there, -3, after=0.5)
    [found] = await driver_index.candidates(here, 100, NOW)
    assert found.point == here


@pytest.mark.parametrize("wrong", [-43_200, -3_600, -60, 60, 3_600, 43_200])
async def test_the_age_of_a_position_does_not_depend_on_the_devices_clock(
    driver_index: IndexUnderTest, wrong: float
) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.report(moved(CENTRE, 10), wrong + 5, after=5)
    await driver_index.report(moved(CENTRE, 20), wrong + 65, after=65)
    [found] = await driver_index.candidates(CENTRE, 100, NOW + timedelta(seconds=125))
    assert (found.point, found.located_at) == (moved(CENTRE, 20), NOW + timedelta(seconds=65))
    assert await driver_index.near(CENTRE, 100, NOW + timedelta(seconds=126)) == []


async def test_a_late_batch_is_as_old_as_its_newest_position(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.report(CENTRE, 0)
    await driver_index.report(moved(CENTRE, 50), 120, after=600)
    [found] = await driver_index.candidates(CENTRE, 2_000, NOW + timedelta(seconds=180))
    assert (found.point, found.located_at) == (moved(CENTRE, 50), NOW + timedelta(seconds=120))
    assert await driver_index.near(CENTRE, 2_000, NOW + timedelta(seconds=600)) == []
    await driver_index.report(moved(CENTRE, 90), 600, after=601)
    assert await driver_index.near(CENTRE, 2_000, NOW + timedelta(seconds=601)) == ["asha"]


async def test_a_clock_that_was_set_back_is_followed_once_it_runs_with_the_servers(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.report(CENTRE, 0)
    await driver_index.report(moved(CENTRE, 10), -3_580, after=20)
    [found] = await driver_index.candidates(CENTRE, 2_000, NOW)
    assert found.point == CENTRE, "it may be an old position"
    await driver_index.report(moved(CENTRE, 20), -3_568, after=32)
    [found] = await driver_index.candidates(CENTRE, 2_000, NOW + timedelta(seconds=32))
    assert (found.point, found.located_at) == (moved(CENTRE, 20), NOW + timedelta(seconds=32))


@pytest.mark.parametrize("series", CASES, ids=lambda series: series.name)
async def test_a_report_is_placed_by_the_table(driver_index: IndexUnderTest, series: PositionCase) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    expected = (CENTRE, NOW)
    for number, report in enumerate(series.reports, start=1):
        point = moved(CENTRE, 10 * number)
        await driver_index.report(point, report.recorded, after=report.received)
        if report.located is not None:
            expected = (point, NOW + timedelta(seconds=report.located))
        [found] = await driver_index.index.near(CENTRE, 2_000, NOW - timedelta(days=1))
        assert (found.point, found.located_at) == expected


async def test_the_index_and_the_fake_agree_on_random_series_of_reports(driver_index: IndexUnderTest) -> None:
    chance = random.Random(11)
    fake = MemoryDriverIndex()
    other = IndexUnderTest(fake, fake)
    for n in range(40):
        uid = f"d{n}"
        for one in (driver_index, other):
            await one.index.upsert_position(driver(uid), CENTRE, NOW)
        ours = 0.0
        for _ in range(12):
            ours += chance.choice((0.5, 3, 9, 10, 12, 40, 300))
            phones = ours + chance.choice((0, 0, 0, -1, -4, -6, -30, -400, 3_600))
            at = moved(CENTRE, chance.choice((1, 1, 1, 9)) * chance.uniform(0, 500))
            seen = [await one.report(at, phones, after=ours, uid=uid) for one in (driver_index, other)]
            assert seen[0] == seen[1]
            now = NOW + timedelta(seconds=ours)
            found = [await one.candidates(CENTRE, 9_000, now) for one in (driver_index, other)]
            mine = [
                [(c.point, c.located_at) for c in candidates if c.driver_id == uid] for candidates in found
            ]
            assert mine[0] == mine[1]


JUMPS = {
    "a jump is ignored": [(0, 0, True), (10, 701, False), (20, 20, True)],
    "the fastest move is none": [(0, 0, True), (10, 699, True)],
    "a move within a second counts as one second": [(0, 0, True), (0.5, 69, True), (0.6, 200, False)],
    "the next report confirms it": [(0, 0, True), (10, 5_000, False), (13, 5_010, True)],
    "the third in a row is believed": [
        (0, 0, True),
        (10, 9_000, False),
        (13, -9_000, False),
        (16, 9_000, True),
    ],
    "a good report ends the row": [
        *[(0, 0, True), (10, 9_000, False), (13, -9_000, False), (16, 10, True)],
        *[(19, 9_000, False), (22, -9_000, False), (25, 30, True)],
    ],
    "after a long way without network it was none": [(0, 0, True), (600, 40_000, True)],
    "going online is a position too": [(3, 5_000, False), (6, 10, True)],
}
"""Reports after going online at the centre: seconds, metres north of it, and whether they move the driver."""


@pytest.mark.parametrize("reports", JUMPS.values(), ids=JUMPS)
async def test_fault_23_a_jump_moves_the_driver_only_when_it_is_confirmed(
    driver_index: IndexUnderTest, reports: list[tuple[float, float, bool]]
) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    expected = CENTRE
    for seconds, metres, moves in reports:
        update = await driver_index.report(moved(CENTRE, metres), seconds)
        assert update is not None
        assert update.jump is not moves, (seconds, metres)
        expected = moved(CENTRE, metres) if moves else expected
        [found] = await driver_index.candidates(CENTRE, 60_000, NOW + timedelta(seconds=seconds))
        assert (round(found.point.lat, 9), round(found.point.lng, 9)) == (
            round(expected.lat, 9),
            round(expected.lng, 9),
        )


async def test_fault_23_going_online_ends_a_row_of_jumps(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.report(moved(CENTRE, 9_000), 3)
    await driver_index.index.upsert_position(driver(), CENTRE, NOW + timedelta(seconds=4))
    again = await driver_index.report(moved(CENTRE, 9_000), 7)

    assert again is not None
    assert again.jump


async def test_the_position_of_an_unknown_driver_is_not_recorded(driver_index: IndexUnderTest) -> None:
    assert await driver_index.report(CENTRE, uid="unknown") is None
    assert await driver_index.near(CENTRE, 2_000) == []


async def test_a_driver_with_an_availability_can_be_recorded_and_found(driver_index: IndexUnderTest) -> None:
    await driver_index.positions.upsert_availability(availability(driver()))
    seen = await driver_index.report(CENTRE)
    assert seen is not None
    assert await driver_index.near(CENTRE, 2_000) == ["asha"]


async def test_a_later_profile_replaces_an_earlier_one_and_never_the_other_way_round(
    driver_index: IndexUnderTest,
) -> None:
    busy, free = driver(active_orders=("ord_1",), version=2), driver(version=3)
    await driver_index.index.upsert_position(busy, CENTRE, NOW)
    await driver_index.index.upsert_profile(free)
    await driver_index.index.upsert_profile(busy)
    [found] = await driver_index.candidates(CENTRE, 2_000, NOW)
    assert found.load == 0


async def test_a_driver_who_went_offline_is_not_shown_as_online(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.index.upsert_profile(driver(status=DriverStatus.OFFLINE, version=2))
    await driver_index.report(CENTRE, 3)
    found = await driver_index.candidates(CENTRE, 2_000, NOW)
    assert [candidate.status for candidate in found] in ([], [DriverStatus.OFFLINE])


async def test_a_removed_driver_is_unknown(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    await driver_index.index.remove("asha")
    assert await driver_index.near(CENTRE, 2_000) == []
    assert await driver_index.report(CENTRE) is None


async def test_a_driver_is_reserved_for_one_offer_at_a_time(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(), CENTRE, NOW)
    assert await driver_index.index.reserve("asha", "off_a_1", HALF_MINUTE)
    assert await driver_index.index.reserve("asha", "off_a_1", HALF_MINUTE), "a retry keeps its reservation"
    assert not await driver_index.index.reserve("asha", "off_b_1", HALF_MINUTE)
    [found] = await driver_index.candidates(CENTRE, 2_000, NOW)
    assert found.outstanding_offer == "off_a_1"


async def test_only_the_offer_that_reserved_a_driver_releases_them(driver_index: IndexUnderTest) -> None:
    assert await driver_index.index.reserve("asha", "off_a_1", HALF_MINUTE)
    await driver_index.index.release("asha", "off_b_1")
    assert not await driver_index.index.reserve("asha", "off_b_1", HALF_MINUTE)
    await driver_index.index.release("asha", "off_a_1")
    assert await driver_index.index.reserve("asha", "off_b_1", HALF_MINUTE)


async def test_of_many_concurrent_offers_one_reserves_the_driver(driver_index: IndexUnderTest) -> None:
    tries = (driver_index.index.reserve("asha", f"off_{n}_1", HALF_MINUTE) for n in range(20))
    assert sum(await asyncio.gather(*tries)) == 1


async def test_a_search_near_a_pole_finds_no_driver(driver_index: IndexUnderTest) -> None:
    assert await driver_index.near(Point(89.0, 10.0), 12_000) == []
