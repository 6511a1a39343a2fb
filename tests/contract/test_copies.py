"""One suite for `Copies`: those in Redis and those in memory behave alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from shared.adapters.copies import Copies, CopyRules, Found
from shared.adapters.redis_copies import SHARDS, RedisCopies, since_key
from tests.fakes.copies import MemoryCopies

RULES = CopyRules(wary=timedelta(0))
KEY = "standing:asha"


@pytest.fixture(params=["memory", "redis"])
def copies(request: pytest.FixtureRequest) -> Copies:
    if request.param == "memory":
        return MemoryCopies(lambda: datetime.now(UTC), RULES)
    return RedisCopies(request.getfixturevalue("redis"), RULES)


async def _put(copies: Copies, value: str = "one") -> None:
    assert (await copies.get(KEY, "mine")).leased
    await copies.put(KEY, "mine", value)


async def test_a_copy_is_found_as_it_was_put(copies: Copies) -> None:
    await _put(copies, "=?ठीक")

    assert await copies.get(KEY, "other") == Found("=?ठीक")
    assert await copies.get("standing:ravi", "other") == Found(None, leased=True)


async def test_of_two_readers_one_may_put(copies: Copies) -> None:
    assert await copies.get(KEY, "first") == Found(None, leased=True)
    assert await copies.get(KEY, "second") == Found(None)
    await copies.put(KEY, "second", "stale")
    assert (await copies.get(KEY, "third")).value is None

    await copies.put(KEY, "first", "fresh")

    assert (await copies.get(KEY, "third")).value == "fresh"


async def test_nobody_finds_or_puts_a_copy_that_is_held(copies: Copies) -> None:
    await _put(copies)
    await copies.hold([KEY], "change")

    assert await copies.get(KEY, "mine") == Found(None)
    await copies.put(KEY, "mine", "stale")
    assert await copies.get(KEY, "mine") == Found(None)


async def test_a_reader_who_read_before_a_change_puts_nothing_after_it(copies: Copies) -> None:
    await copies.get(KEY, "reader")
    await copies.hold([KEY], "change")
    await copies.release([KEY], "change")
    await copies.put(KEY, "reader", "stale")

    assert await copies.get(KEY, "later") == Found(None, leased=True)


async def test_a_copy_is_held_until_the_last_holder_releases_it(copies: Copies) -> None:
    await copies.hold([KEY], "one")
    await copies.hold([KEY, "contact:asha"], "two")
    await copies.release([KEY], "one")
    assert await copies.get(KEY, "reader") == Found(None)

    await copies.release([KEY, "contact:asha"], "two")

    assert (await copies.get(KEY, "reader")).leased


async def test_copies_are_trusted_for_as_long_as_was_said(copies: Copies) -> None:
    assert not (await copies.get(KEY, "reader")).trusted
    await copies.trust(KEY, timedelta(seconds=30))
    assert (await copies.get(KEY, "reader")).trusted
    await copies.trust(KEY, timedelta(milliseconds=1))

    while (await copies.get(KEY, "reader")).trusted:
        pass


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_after_a_loss_of_everything_no_copy_is_put_for_a_while(kind: str, redis: Redis) -> None:
    now = datetime.now(UTC)
    copies: Copies = RedisCopies(redis) if kind == "redis" else MemoryCopies(lambda: now)
    await copies.get(KEY, "reader")
    await copies.put(KEY, "reader", "maybe stale")
    assert (await copies.get(KEY, "later")).value is None

    now += CopyRules().wary
    for shard in range(SHARDS):
        since = await redis.get(since_key(shard))
        if since:
            await redis.set(since_key(shard), int(since) - CopyRules().wary // timedelta(milliseconds=1))
    if kind == "memory":
        now += CopyRules().lease
        await copies.get(KEY, "reader")
    await copies.put(KEY, "reader", "fresh")

    assert (await copies.get(KEY, "later")).value == "fresh"


async def test_everything_expires_by_itself(redis: Redis) -> None:
    copies, rules = RedisCopies(redis, RULES), RULES
    await copies.get("leased", "reader")
    await _put(copies)
    await copies.hold(["held"], "change")
    await copies.trust(KEY, rules.trust)

    left = {key: await redis.pttl(key) for key in map(str, await redis.keys()) if not key.endswith("since")}
    assert len(left) == 4
    longest = {"leased": rules.lease, KEY: rules.lifetime, "held": rules.hold, "trusted": rules.trust}
    for key, ttl in left.items():
        [limit] = [limit for name, limit in longest.items() if key.endswith(name)]
        assert 0 < ttl <= limit / timedelta(milliseconds=1)
