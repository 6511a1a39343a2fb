"""The map of drivers in Redis: what its keys hold, and what happens when it is gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from shared.adapters.redis_client import connect
from shared.adapters.redis_driver_commands import check, driver_key, geo_key
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.adapters.redis_positions import RedisPositions
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import DriverStatus
from shared.kernel.errors import Unavailable
from shared.kernel.geo import region
from shared.tracking.domain import Position
from tests.contract.drivers import CENTRE, HALF_MINUTE, NOW, availability, border, driver


async def test_a_mark_lives_no_longer_than_its_offer(redis: Redis) -> None:
    await RedisDriverIndex(redis).reserve("asha", "off_a_1", HALF_MINUTE)
    assert 0 < await redis.pttl("driver:{asha}:offered") <= 30_000


async def test_a_driver_stands_in_the_set_of_their_own_region_alone(redis: Redis) -> None:
    here, there = border()
    await RedisDriverIndex(redis).upsert_position(driver(), here, NOW)
    await RedisPositions(redis).record(
        "asha", Position(there, NOW + timedelta(seconds=1)), NOW + timedelta(seconds=1)
    )
    assert await redis.zrange(geo_key(region(here)), 0, -1) == []
    assert await redis.zrange(geo_key(region(there)), 0, -1) == ["asha"]


async def test_a_search_sweeps_out_members_who_fell_silent(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await index.near(CENTRE, 2_000, NOW + timedelta(minutes=2))
    assert await redis.zrange(geo_key(region(CENTRE)), 0, -1) == []


async def test_someone_unknown_leaves_no_trace(redis: Redis) -> None:
    await RedisPositions(redis).record("nobody", Position(CENTRE, NOW), NOW)
    assert await redis.keys("*") == []


async def test_an_offline_driver_who_reports_stays_off_the_map(redis: Redis) -> None:
    positions = RedisPositions(redis)
    await positions.upsert_availability(availability(driver(status=DriverStatus.OFFLINE)))
    await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert await redis.zrange(geo_key(region(CENTRE)), 0, -1) == []
    assert await redis.hget(driver_key("asha"), "at") is not None


async def test_the_set_survives_a_wiped_redis(redis: Redis) -> None:
    positions, index = RedisPositions(redis), RedisDriverIndex(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await redis.flushall()
    assert await positions.record("asha", Position(CENTRE, NOW), NOW) is None
    await positions.upsert_availability(availability(driver()))
    await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["asha"]


async def test_a_redis_that_is_down_is_told_as_unavailable() -> None:
    client = connect("redis://127.0.0.1:1/0")
    with pytest.raises(DriverIndexUnavailable):
        await RedisDriverIndex(client).near(CENTRE, 2_000, NOW)
    with pytest.raises(Unavailable):
        await RedisPositions(client).record("asha", Position(CENTRE, NOW), NOW)
    await client.aclose()


async def test_a_hash_that_makes_no_sense_hides_its_driver_and_nobody_else(redis: Redis) -> None:
    index = RedisDriverIndex(redis)
    await index.upsert_position(driver("asha"), CENTRE, NOW)
    await index.upsert_position(driver("bala"), CENTRE, NOW)
    await redis.hset(driver_key("asha"), "load", "many")
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["bala"]


async def test_doubt_ends_by_itself(redis: Redis) -> None:
    await RedisDriverIndex(redis).mark_suspect(CENTRE, 12_000, HALF_MINUTE)
    keys = await redis.keys("geo:*:suspect")
    assert f"geo:{{{region(CENTRE)}}}:suspect" in keys
    assert all([0 < await redis.pttl(key) <= 30_000 for key in keys])


async def test_a_hash_that_makes_no_sense_is_doubted_and_then_put_right(redis: Redis) -> None:
    index, positions = RedisDriverIndex(redis), RedisPositions(redis)
    await index.upsert_position(driver(), CENTRE, NOW)
    await redis.hset(driver_key("asha"), "load", "many")
    await index.mark_suspect(CENTRE, 12_000, HALF_MINUTE)
    seen = await positions.record("asha", Position(CENTRE, NOW), NOW)
    assert seen is not None
    assert seen.suspect
    await positions.upsert_availability(availability(driver()))
    assert [found.driver_id for found in await index.near(CENTRE, 2_000, NOW)] == ["asha"]


async def test_of_many_who_would_look_a_driver_up_at_once_one_may(redis: Redis) -> None:
    await RedisPositions(redis).upsert_availability(availability(driver()))
    assert sum(await asyncio.gather(*(check(redis, "asha", NOW) for _ in range(10)))) == 1
    assert not await check(redis, "asha", NOW + HALF_MINUTE - timedelta(milliseconds=1))
    assert await check(redis, "asha", NOW + HALF_MINUTE)


async def test_looking_up_leaves_no_trace_of_who_was_lost_meanwhile(redis: Redis) -> None:
    assert not await check(redis, "asha", NOW)
    assert await redis.keys("*") == []
