"""One suite for the map of drivers: the fake, and Redis as dispatch and tracking use it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis

from shared.adapters.redis_geo import RedisDriverIndex
from shared.adapters.redis_positions import RedisPositions
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.ports import DriverIndex
from shared.kernel.geo import Point, distance_m, region
from shared.tracking.domain import Fix
from shared.tracking.ports import Positions
from tests.contract.drivers import CENTRE, HALF_MINUTE, NOW, border, driver, moved, standing
from tests.fakes.dispatch import MemoryMap


class Map:
    """One map behind its two ports."""

    def __init__(self, index: DriverIndex, positions: Positions) -> None:
        self.index = index
        self.positions = positions

    async def near(self, point: Point, radius_m: float, now: datetime = NOW) -> list[str]:
        return [driver.driver_id for driver in await self.index.near(point, radius_m, now)]


@pytest.fixture(params=["fake", "redis"])
def drivers_map(request: pytest.FixtureRequest) -> Map:
    if request.param == "fake":
        fake = MemoryMap()
        return Map(fake, fake)
    client: Redis = request.getfixturevalue("redis")
    return Map(RedisDriverIndex(client), RedisPositions(client))


async def test_a_placed_driver_is_found_with_everything_that_the_score_needs(drivers_map: Map) -> None:
    asha = driver(active_orders=("ord_1",), rating_sum=9, rating_count=2, offers_made=4, offers_accepted=2)
    at = moved(CENTRE, 300)
    await drivers_map.index.place(asha, at, NOW)
    [found] = await drivers_map.index.near(CENTRE, 2_000, NOW)
    assert (found.driver_id, found.point, found.at) == ("asha", at, NOW)
    assert (found.status, found.load, found.load_cap) == (DriverStatus.ONLINE, 1, 2)
    assert (found.rating, found.acceptance) == (asha.rating, asha.acceptance)
    assert found.asked is None


async def test_drivers_come_nearest_first_and_only_from_within_the_radius(drivers_map: Map) -> None:
    for uid, north in (("far", 1_999), ("out", 2_001), ("near", 10)):
        await drivers_map.index.place(driver(uid), moved(CENTRE, north), NOW)
    assert await drivers_map.near(CENTRE, 2_000) == ["near", "far"]


async def test_a_position_older_than_a_minute_is_left_out(drivers_map: Map) -> None:
    await drivers_map.index.place(driver(), CENTRE, NOW)
    assert await drivers_map.near(CENTRE, 2_000, NOW + timedelta(seconds=60)) == ["asha"]
    assert await drivers_map.near(CENTRE, 2_000, NOW + timedelta(seconds=61)) == []


async def test_a_driver_who_fell_silent_is_found_again_after_the_next_report(drivers_map: Map) -> None:
    await drivers_map.index.place(driver(), CENTRE, NOW)
    later = NOW + timedelta(minutes=5)
    assert await drivers_map.near(CENTRE, 2_000, later) == []
    await drivers_map.positions.record("asha", Fix(CENTRE, later))
    assert await drivers_map.near(CENTRE, 2_000, later) == ["asha"]


async def test_the_map_finds_what_brute_force_finds(drivers_map: Map) -> None:
    chance = random.Random(7)
    points = {
        f"d{n}": moved(CENTRE, chance.uniform(-9e4, 9e4), chance.uniform(-9e4, 9e4)) for n in range(300)
    }
    for uid, at in points.items():
        await drivers_map.index.place(driver(uid), at, NOW)
    assert len({region(at) for at in points.values()}) > 5, "the points lie in several regions"
    for radius in (2_000.0, 12_000.0, 20_000.0):
        for centre in chance.sample(sorted(points.values(), key=lambda p: p.lat), 15):
            assert await drivers_map.near(centre, radius) == brute_force(points, centre, radius)


def brute_force(points: dict[str, Point], centre: Point, radius: float) -> Sequence[str]:
    measured = sorted((distance_m(at, centre), uid) for uid, at in points.items())
    return [uid for metres, uid in measured if metres <= radius]


async def test_a_driver_across_a_region_border_is_found(drivers_map: Map) -> None:
    here, there = border()
    await drivers_map.index.place(driver(), there, NOW)
    assert await drivers_map.near(here, 500) == ["asha"]


async def test_a_driver_who_crosses_a_region_border_is_found_once_and_only_where_they_are(
    drivers_map: Map,
) -> None:
    here, there = border()
    await drivers_map.index.place(driver(), here, NOW)
    await drivers_map.positions.record("asha", Fix(there, NOW + timedelta(seconds=10)))
    found = await drivers_map.index.near(here, 500, NOW)
    assert [candidate.point for candidate in found] == [there]
    assert await drivers_map.near(here, 50) == []


async def test_recording_returns_where_the_driver_was_before(drivers_map: Map) -> None:
    await drivers_map.index.place(driver(), CENTRE, NOW)
    seen = await drivers_map.positions.record("asha", Fix(moved(CENTRE, 50), NOW + timedelta(seconds=3)))
    assert seen is not None
    assert seen.before == Fix(CENTRE, NOW)


async def test_an_older_report_does_not_move_the_driver_back(drivers_map: Map) -> None:
    here, there = border()
    await drivers_map.index.place(driver(), here, NOW)
    await drivers_map.positions.record("asha", Fix(there, NOW - timedelta(seconds=3)))
    [found] = await drivers_map.index.near(here, 100, NOW)
    assert found.point == here


async def test_a_driver_whom_the_map_does_not_know_is_not_recorded(drivers_map: Map) -> None:
    assert await drivers_map.positions.record("nobody", Fix(CENTRE, NOW)) is None
    assert await drivers_map.near(CENTRE, 2_000) == []


async def test_an_introduced_driver_can_be_recorded_and_found(drivers_map: Map) -> None:
    await drivers_map.positions.introduce(standing(driver()))
    seen = await drivers_map.positions.record("asha", Fix(CENTRE, NOW))
    assert seen is not None
    assert seen.before is None
    assert await drivers_map.near(CENTRE, 2_000) == ["asha"]


async def test_a_later_description_replaces_an_earlier_one_and_never_the_other_way_round(
    drivers_map: Map,
) -> None:
    busy, free = driver(active_orders=("ord_1",), version=2), driver(version=3)
    await drivers_map.index.place(busy, CENTRE, NOW)
    await drivers_map.index.describe(free)
    await drivers_map.index.describe(busy)
    [found] = await drivers_map.index.near(CENTRE, 2_000, NOW)
    assert found.load == 0


async def test_a_driver_who_went_offline_is_not_shown_as_online(drivers_map: Map) -> None:
    await drivers_map.index.place(driver(), CENTRE, NOW)
    await drivers_map.index.describe(driver(status=DriverStatus.OFFLINE, version=2))
    await drivers_map.positions.record("asha", Fix(CENTRE, NOW + timedelta(seconds=3)))
    found = await drivers_map.index.near(CENTRE, 2_000, NOW)
    assert [candidate.status for candidate in found] in ([], [DriverStatus.OFFLINE])


async def test_a_forgotten_driver_is_unknown(drivers_map: Map) -> None:
    await drivers_map.index.place(driver(), CENTRE, NOW)
    await drivers_map.index.forget("asha")
    assert await drivers_map.near(CENTRE, 2_000) == []
    assert await drivers_map.positions.record("asha", Fix(CENTRE, NOW)) is None


async def test_a_driver_is_reserved_for_one_offer_at_a_time(drivers_map: Map) -> None:
    await drivers_map.index.place(driver(), CENTRE, NOW)
    assert await drivers_map.index.reserve("asha", "off_a_1", HALF_MINUTE)
    assert await drivers_map.index.reserve("asha", "off_a_1", HALF_MINUTE), "a retry is no rival"
    assert not await drivers_map.index.reserve("asha", "off_b_1", HALF_MINUTE)
    [found] = await drivers_map.index.near(CENTRE, 2_000, NOW)
    assert found.asked == "off_a_1"


async def test_only_the_offer_that_holds_a_driver_releases_them(drivers_map: Map) -> None:
    assert await drivers_map.index.reserve("asha", "off_a_1", HALF_MINUTE)
    await drivers_map.index.release("asha", "off_b_1")
    assert not await drivers_map.index.reserve("asha", "off_b_1", HALF_MINUTE)
    await drivers_map.index.release("asha", "off_a_1")
    assert await drivers_map.index.reserve("asha", "off_b_1", HALF_MINUTE)


async def test_of_many_offers_at_once_one_gets_the_driver(drivers_map: Map) -> None:
    tries = (drivers_map.index.reserve("asha", f"off_{n}_1", HALF_MINUTE) for n in range(20))
    assert sum(await asyncio.gather(*tries)) == 1


async def test_nobody_is_found_near_a_pole_where_the_map_ends(drivers_map: Map) -> None:
    assert await drivers_map.near(Point(89.0, 10.0), 12_000) == []
