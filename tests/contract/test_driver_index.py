"""One suite for the map of drivers: the fake, and Redis as dispatch and tracking use it."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from emulators.stack.locate import redis_server
from shared.adapters.redis_geo import RedisDriverIndex
from shared.adapters.redis_map import connect, driver_key, geo_key
from shared.adapters.redis_positions import RedisPositions
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver, DriverStatus, Vehicle
from shared.dispatch.ports import DriverIndex
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point, distance_m, region
from shared.tracking.domain import Fix, Standing
from shared.tracking.ports import Positions
from tests.fakes.dispatch import MemoryMap

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CENTRE = Point(12.9716, 77.5946)
HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this module's own on a socket, so that no port can clash."""
    folder = tmp_path_factory.mktemp("redis")
    socket = Path("/tmp") / f"waybill-redis-{folder.stat().st_ino}.sock"  # noqa: S108 - sockets need short paths
    command = [
        str(redis_server()),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        while "ready to accept connections" not in (line := process.stdout.readline()).lower():
            assert line, "Redis ended before it was ready"
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


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


def driver(uid: str = "asha", **fields: object) -> Driver:
    known = Driver(uid, "Asha", Vehicle.SCOOTER, approved=True, status=DriverStatus.ONLINE, version=1)
    return replace(known, **fields)  # type: ignore[arg-type]


def standing(of: Driver) -> Standing:
    return Standing(of.id, of.status, of.load, of.load_cap, of.rating, of.acceptance, of.version)


def moved(point: Point, north_m: float = 0.0, east_m: float = 0.0) -> Point:
    return Point(point.lat + north_m / 111_195, point.lng + east_m / 108_000)


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


def border() -> tuple[Point, Point]:
    """Two points 200 m apart in different regions."""
    east = 0.0
    while region(moved(CENTRE, 0, east)) == region(moved(CENTRE, 0, east + 200)):
        east += 100
    return moved(CENTRE, 0, east), moved(CENTRE, 0, east + 200)


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


async def test_a_mark_lives_no_longer_than_its_offer(redis: Redis) -> None:
    await RedisDriverIndex(redis).reserve("asha", "off_a_1", HALF_MINUTE)
    assert 0 < await redis.pttl("driver:{asha}:offered") <= 30_000


async def test_a_driver_stands_in_the_set_of_their_own_region_alone(redis: Redis) -> None:
    here, there = border()
    await RedisDriverIndex(redis).place(driver(), here, NOW)
    await RedisPositions(redis).record("asha", Fix(there, NOW + timedelta(seconds=1)))
    assert await redis.zrange(geo_key(region(here)), 0, -1) == []
    assert await redis.zrange(geo_key(region(there)), 0, -1) == ["asha"]


async def test_a_search_sweeps_out_members_who_fell_silent(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.place(driver(), CENTRE, NOW)
    await index.near(CENTRE, 2_000, NOW + timedelta(minutes=2))
    assert await redis.zrange(geo_key(region(CENTRE)), 0, -1) == []


async def test_someone_unknown_leaves_no_trace(redis: Redis) -> None:
    await RedisPositions(redis).record("nobody", Fix(CENTRE, NOW))
    assert await redis.keys("*") == []


async def test_an_offline_driver_who_reports_stays_off_the_map(redis: Redis) -> None:
    positions = RedisPositions(redis)
    await positions.introduce(standing(driver(status=DriverStatus.OFFLINE)))
    await positions.record("asha", Fix(CENTRE, NOW))
    assert await redis.zrange(geo_key(region(CENTRE)), 0, -1) == []
    assert await redis.hget(driver_key("asha"), "at") is not None


async def test_the_set_survives_a_wiped_redis(redis: Redis) -> None:
    positions, index = RedisPositions(redis), RedisDriverIndex(redis)
    await index.place(driver(), CENTRE, NOW)
    await redis.flushall()
    assert await positions.record("asha", Fix(CENTRE, NOW)) is None
    await positions.introduce(standing(driver()))
    await positions.record("asha", Fix(CENTRE, NOW))
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["asha"]


async def test_a_redis_that_is_down_is_told_as_unavailable() -> None:
    client = connect("redis://127.0.0.1:1/0")
    with pytest.raises(DriverIndexUnavailable):
        await RedisDriverIndex(client).near(CENTRE, 2_000, NOW)
    with pytest.raises(Unavailable):
        await RedisPositions(client).record("asha", Fix(CENTRE, NOW))
    await client.aclose()
