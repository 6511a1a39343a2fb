"""The driver location index in Redis: its keys, and what happens when Redis loses data or is down."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from shared.adapters.redis_client import connect
from shared.adapters.redis_driver_commands import (
    claim_lookup,
    driver_key,
    geo_key,
    records_key,
    to_ms,
)
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.adapters.redis_positions import RedisPositions
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import DriverStatus
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point, region
from shared.tracking.domain import Position
from tests.contract.drivers import CENTRE, HALF_MINUTE, NOW, availability, border, driver


async def listed(redis: Redis, at: Point) -> list[str]:
    """Return the drivers of a region, who are in its set as in its records."""
    in_set = [str(uid) for uid in await redis.zrange(geo_key(region(at)), 0, -1)]
    assert set(await redis.hkeys(records_key(region(at)))) == set(in_set)
    return in_set


async def test_a_reservation_lives_no_longer_than_its_offer(redis: Redis) -> None:
    await RedisDriverIndex(redis).reserve("asha", "off_a_1", HALF_MINUTE)
    assert 0 < await redis.pttl("driver:{asha}:outstanding_offer") <= 30_000


async def test_a_driver_is_in_the_set_of_their_own_region_alone(redis: Redis) -> None:
    here, there = border()
    await RedisDriverIndex(redis).upsert_position(driver(), here, NOW)
    await RedisPositions(redis).record(
        "asha", Position(there, NOW + timedelta(minutes=1)), NOW + timedelta(minutes=1)
    )
    assert await listed(redis, here) == []
    assert await listed(redis, there) == ["asha"]


async def test_a_search_removes_silent_drivers_from_the_sets(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await index.near(CENTRE, 2_000, NOW + timedelta(minutes=1))
    assert await listed(redis, CENTRE) == []
    await index.upsert_position(driver(), CENTRE, NOW)
    await index.in_region(region(CENTRE), NOW + timedelta(minutes=1))
    assert await listed(redis, CENTRE) == []


async def test_who_can_take_no_order_is_in_no_set(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    assert await listed(redis, CENTRE) == ["asha"]
    await index.upsert_profile(driver(version=2, active_orders=("ord_1", "ord_2")))
    assert await listed(redis, CENTRE) == []
    await index.upsert_profile(driver(version=3))
    assert await listed(redis, CENTRE) == ["asha"]
    await index.remove("asha")
    assert await listed(redis, CENTRE) == []


async def test_more_drivers_at_one_place_than_a_script_can_unpack(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    where, record = geo_key(region(CENTRE)), f"{to_ms(NOW)} {CENTRE.lat!r} {CENTRE.lng!r} 0 2 4.5 0.8"
    names = [f"d{n:05}" for n in range(9_000)]
    await redis.geoadd(where, [value for name in names for value in (CENTRE.lng, CENTRE.lat, name)])
    await redis.hset(records_key(region(CENTRE)), mapping=dict.fromkeys(names, record))
    assert [one.driver_id for one in await index.near(CENTRE, 2_000, NOW)] == names
    assert {one.driver_id for one in await index.in_region(region(CENTRE), NOW)} == set(names)
    assert await index.near(CENTRE, 2_000, NOW + HALF_MINUTE) == []
    assert await redis.keys("*") == []


async def test_an_unknown_driver_leaves_no_keys(redis: Redis) -> None:
    await RedisPositions(redis).record("unknown", Position(CENTRE, NOW), NOW)
    assert await redis.keys("*") == []


async def test_an_offline_driver_who_reports_stays_out_of_the_sets(redis: Redis) -> None:
    positions = RedisPositions(redis)
    await positions.upsert_availability(availability(driver(status=DriverStatus.OFFLINE)))
    await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert await listed(redis, CENTRE) == []
    assert await redis.hget(driver_key("asha"), "recorded_at") is not None


async def test_the_set_survives_a_wiped_redis(redis: Redis) -> None:
    positions, index = RedisPositions(redis), RedisDriverIndex(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await redis.flushall()
    assert await positions.record("asha", Position(CENTRE, NOW), NOW) is None
    await positions.upsert_availability(availability(driver()))
    await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["asha"]


async def test_a_redis_that_is_down_raises_unavailable() -> None:
    client = connect("redis://127.0.0.1:1/0")
    with pytest.raises(DriverIndexUnavailable):
        await RedisDriverIndex(client).near(CENTRE, 2_000, NOW)
    with pytest.raises(Unavailable):
        await RedisPositions(client).record("asha", Position(CENTRE, NOW), NOW)
    await client.aclose()


@pytest.mark.parametrize("record", ["{0} 12.9 77.5 many 2 4.5 0.8", "{0} far away", "{0}", "", "today"])
async def test_a_record_that_cannot_be_parsed_hides_its_driver_alone(redis: Redis, record: str) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver("asha"), CENTRE, NOW)
    await index.upsert_position(driver("bala"), CENTRE, NOW)
    await redis.hset(records_key(region(CENTRE)), "asha", record.format(to_ms(NOW)))
    assert [found.driver_id for found in await index.in_region(region(CENTRE), NOW)] == ["bala"]
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW, 1)] == ["bala"]
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["bala"]


async def test_a_suspect_mark_expires(redis: Redis) -> None:
    await RedisDriverIndex(redis).mark_suspect(CENTRE, 12_000, HALF_MINUTE)
    keys = await redis.keys("geo:*:suspect")
    assert f"geo:{{{region(CENTRE)}}}:suspect" in keys
    assert all([0 < await redis.pttl(key) <= 30_000 for key in keys])


async def test_a_hash_that_cannot_be_parsed_is_suspect_and_then_repaired(redis: Redis) -> None:
    index, positions = RedisDriverIndex(redis), RedisPositions(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await redis.hset(driver_key("asha"), "load", "many")
    await index.mark_suspect(CENTRE, 12_000, HALF_MINUTE)
    seen = await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert seen is not None
    assert seen.suspect
    await positions.upsert_availability(availability(driver()))
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["asha"]


async def test_of_many_concurrent_callers_one_looks_a_driver_up(redis: Redis) -> None:
    await RedisPositions(redis).upsert_availability(availability(driver()))
    assert sum(await asyncio.gather(*(claim_lookup(redis, "asha", NOW) for _ in range(10)))) == 1
    assert not await claim_lookup(redis, "asha", NOW + HALF_MINUTE - timedelta(milliseconds=1))
    assert await claim_lookup(redis, "asha", NOW + HALF_MINUTE)


async def test_a_lookup_of_a_lost_driver_leaves_no_keys(redis: Redis) -> None:
    assert not await claim_lookup(redis, "asha", NOW)
    assert await redis.keys("*") == []
