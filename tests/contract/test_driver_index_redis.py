"""The driver location index in Redis: its keys, and what happens when Redis loses data or is down."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from shared.adapters.redis_client import connect
from shared.adapters.redis_driver_commands import claim_lookup, driver_key, geo_key
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.adapters.redis_positions import RedisPositions
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import DriverStatus
from shared.kernel.errors import Unavailable
from shared.kernel.geo import region
from shared.tracking.domain import Position
from tests.contract.drivers import CENTRE, HALF_MINUTE, NOW, availability, border, driver


async def test_a_reservation_lives_no_longer_than_its_offer(redis: Redis) -> None:
    await RedisDriverIndex(redis).reserve("asha", "off_a_1", HALF_MINUTE)
    assert 0 < await redis.pttl("driver:{asha}:outstanding_offer") <= 30_000


async def test_a_driver_is_in_the_set_of_their_own_region_alone(redis: Redis) -> None:
    here, there = border()
    await RedisDriverIndex(redis).upsert_position(driver(), here, NOW)
    await RedisPositions(redis).record(
        "asha", Position(there, NOW + timedelta(minutes=1)), NOW + timedelta(minutes=1)
    )
    assert await redis.zrange(geo_key(region(here)), 0, -1) == []
    assert await redis.zrange(geo_key(region(there)), 0, -1) == ["asha"]


async def test_a_search_removes_silent_drivers_from_the_sets(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await index.near(CENTRE, 2_000, NOW + timedelta(minutes=1))
    assert await redis.zrange(geo_key(region(CENTRE)), 0, -1) == []


async def test_an_unknown_driver_leaves_no_keys(redis: Redis) -> None:
    await RedisPositions(redis).record("unknown", Position(CENTRE, NOW), NOW)
    assert await redis.keys("*") == []


async def test_an_offline_driver_who_reports_stays_out_of_the_sets(redis: Redis) -> None:
    positions = RedisPositions(redis)
    await positions.upsert_availability(availability(driver(status=DriverStatus.OFFLINE)))
    await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert await redis.zrange(geo_key(region(CENTRE)), 0, -1) == []
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


async def test_a_hash_that_cannot_be_parsed_hides_its_driver_alone(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver("asha"), CENTRE, NOW)
    await index.upsert_position(driver("bala"), CENTRE, NOW)
    await redis.hset(driver_key("asha"), "load", "many")
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
