"""One suite for `Buckets`: those in Redis and those in the process behave alike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from shared.adapters.redis_client import connect
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.local_buckets import LocalBuckets
from shared.kernel.errors import Unavailable
from shared.kernel.rates import Bucket, Buckets, SharedBuckets
from tests.fakes.rates import MemoryBuckets

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ASHA = Bucket("rate:{asha}:orders", 6, MINUTE)
RAVI = Bucket("rate:{ravi}:orders", 6, MINUTE)
SHARED = Bucket("rate:{address}:orders", 100, MINUTE)


@pytest.fixture(params=["local", "fake", "redis"])
def buckets(request: pytest.FixtureRequest) -> Buckets:
    if request.param == "local":
        return LocalBuckets()
    if request.param == "fake":
        return MemoryBuckets()
    return RedisBuckets(request.getfixturevalue("pipeline"))


async def _granted(buckets: Buckets, times: int, *of: Bucket, at: datetime = NOW) -> int:
    """Return how often all buckets granted a token."""
    taken = [await buckets.take(of, at) for _ in range(times)]
    return sum(all(level.granted for level in levels) for levels in taken)


async def test_a_bucket_grants_its_quota_and_then_nothing(buckets: Buckets) -> None:
    assert await _granted(buckets, 10, ASHA) == 6
    [level] = await buckets.take([ASHA], NOW)
    assert (level.granted, level.left) == (False, 0)


async def test_a_level_says_how_many_tokens_are_left(buckets: Buckets) -> None:
    lefts = [(await buckets.take([ASHA], NOW))[0].left for _ in range(6)]
    assert lefts == [5, 4, 3, 2, 1, 0]


async def test_a_bucket_refills_evenly_and_never_beyond_its_quota(buckets: Buckets) -> None:
    await _granted(buckets, 6, ASHA)
    assert await _granted(buckets, 3, ASHA, at=NOW + timedelta(seconds=9)) == 0
    assert await _granted(buckets, 3, ASHA, at=NOW + timedelta(seconds=10)) == 1
    assert await _granted(buckets, 3, ASHA, at=NOW + timedelta(seconds=30)) == 2
    assert await _granted(buckets, 10, ASHA, at=NOW + timedelta(days=1)) == 6


async def test_buckets_of_different_users_are_separate(buckets: Buckets) -> None:
    await _granted(buckets, 6, ASHA)
    assert await _granted(buckets, 10, RAVI) == 6


async def test_a_request_that_one_bucket_refuses_takes_nothing_from_the_others(buckets: Buckets) -> None:
    assert await _granted(buckets, 50, ASHA, SHARED) == 6
    levels = await buckets.take([ASHA, SHARED], NOW)

    assert [level.granted for level in levels] == [False, True]
    assert levels[1].left == 94
    assert (await buckets.take([SHARED], NOW))[0].left == 93


async def test_a_clock_that_goes_back_adds_nothing_and_one_that_is_ahead_adds_once(
    buckets: Buckets,
) -> None:
    await _granted(buckets, 6, ASHA)
    assert await _granted(buckets, 6, ASHA, at=NOW - MINUTE) == 0
    assert await _granted(buckets, 20, ASHA, at=NOW + MINUTE) == 6
    assert await _granted(buckets, 6, ASHA) == 0
    assert await _granted(buckets, 6, ASHA, at=NOW + MINUTE) == 0


async def test_of_two_hundred_concurrent_requests_as_many_are_granted_as_there_are_tokens(
    buckets: Buckets,
) -> None:
    taken = await asyncio.gather(*(buckets.take([ASHA, SHARED], NOW) for _ in range(200)))
    assert sum(all(level.granted for level in levels) for levels in taken) <= 6
    assert sum(levels[0].granted for levels in taken) == 6


async def test_without_buckets_nothing_is_refused(buckets: Buckets) -> None:
    assert await buckets.take([], NOW) == []


@pytest.fixture(params=["fake", "redis"])
def shared(request: pytest.FixtureRequest) -> SharedBuckets:
    if request.param == "fake":
        return MemoryBuckets()
    return RedisBuckets(request.getfixturevalue("pipeline"))


async def test_settling_takes_what_was_granted_and_says_what_is_left(shared: SharedBuckets) -> None:
    assert await shared.settle([(ASHA, 2), (SHARED, 7)], NOW) == [4, 93]
    assert await shared.settle([(ASHA, 1.5)], NOW) == [2.5]
    assert [level.left for level in await shared.take([ASHA, SHARED], NOW)] == [1.5, 92]
    assert await shared.settle([], NOW) == []


async def test_what_was_granted_too_much_is_owed_up_to_one_quota(shared: SharedBuckets) -> None:
    assert await shared.settle([(ASHA, 9)], NOW) == [-3]
    [level] = await shared.take([ASHA], NOW)
    assert (level.granted, level.left) == (False, -3)
    assert await _granted(shared, 9, ASHA, at=NOW + timedelta(seconds=40)) == 1
    assert await shared.settle([(ASHA, 100)], NOW + timedelta(seconds=40)) == [-6]


async def test_very_many_buckets_are_settled_at_once(shared: SharedBuckets) -> None:
    many = [(Bucket(f"rate:{{{n}}}:orders", 600, MINUTE), float(n)) for n in range(1_200)]
    assert await shared.settle(many, NOW) == [max(-600, 600 - n) for n in range(1_200)]


async def test_keys_in_redis_expire(redis: Redis) -> None:
    await RedisBuckets(redis).take([ASHA, SHARED], NOW)
    for bucket in (ASHA, SHARED):
        assert 0 < await redis.pttl(bucket.key) <= 61_000


async def test_a_redis_that_was_wiped_starts_with_full_buckets(redis: Redis) -> None:
    buckets = RedisBuckets(redis)
    await _granted(buckets, 6, ASHA)
    await redis.flushall()
    assert await _granted(buckets, 10, ASHA) == 6


async def test_a_redis_that_is_down_is_unavailable() -> None:
    client = connect("redis://127.0.0.1:1/0")
    with pytest.raises(Unavailable):
        await RedisBuckets(client).take([ASHA], NOW)
    await client.aclose()


async def test_the_process_removes_the_least_recently_used_buckets() -> None:
    buckets = LocalBuckets(max_buckets=1)
    await _granted(buckets, 6, ASHA)
    await _granted(buckets, 1, RAVI)
    assert await _granted(buckets, 10, ASHA) == 6
