"""One suite for `StatusCache`: that in Redis and that in memory behave alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from shared.adapters.redis_statuses import LIFETIME, RedisStatusCache
from shared.identity.ports import StatusCache
from shared.kernel.access import AccountStatus
from tests.fakes.accounts import MemoryStatusCache

ENDED = AccountStatus(tokens_valid_after=datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC))
CLOSED = AccountStatus(revoked_sessions=("ses_1", "ses_2"), disabled=True)


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest) -> StatusCache:
    if request.param == "memory":
        return MemoryStatusCache()
    return RedisStatusCache(request.getfixturevalue("redis"))


@pytest.mark.parametrize("status", [AccountStatus(), ENDED, CLOSED])
async def test_a_status_is_returned_as_it_was_kept(cache: StatusCache, status: AccountStatus) -> None:
    await cache.put("asha", status)

    assert await cache.get("asha") == status
    assert await cache.get("ravi") is None


async def test_a_forgotten_status_is_unknown(cache: StatusCache) -> None:
    await cache.put("asha", CLOSED)
    await cache.forget("asha")
    await cache.forget("ravi")

    assert await cache.get("asha") is None


async def test_an_entry_expires_by_itself(redis: Redis) -> None:
    await RedisStatusCache(redis).put("asha", CLOSED)

    assert 0 < await redis.pttl("status:{asha}") <= LIFETIME.total_seconds() * 1_000


async def test_an_entry_that_cannot_be_read_is_unknown(redis: Redis) -> None:
    await redis.set("status:{asha}", "{")

    assert await RedisStatusCache(redis).get("asha") is None
