"""Rate limits over several processes, of which each grants its share by itself: how exact they are, and what
becomes of them when Redis is down, slow, or comes back."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from shared.edge import shares as module
from shared.edge.shares import Shares
from shared.kernel.errors import Unavailable
from shared.kernel.rates import Bucket
from tests.fakes.rates import MemoryBuckets

pytestmark = pytest.mark.mission("A9")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
USER = Bucket("rate:{asha}:default", 300, timedelta(minutes=1))
DEVICE = Bucket("rate:{phone}:default", 300, timedelta(minutes=1))
SMALL = Bucket("rate:{asha}:creating", 20, timedelta(minutes=1))


class Town:
    """Some processes that share the buckets of one Redis, and a clock."""

    def __init__(self, processes: int) -> None:
        self.now = NOW
        self.redis = MemoryBuckets()
        self.processes = [
            Shares(self.redis, lambda: self.now, settled_after_s=3_600) for _ in range(processes)
        ]

    async def take(self, process: Shares, *buckets: Bucket) -> bool:
        """Take a token as the rate limiter does: of the process, or of Redis where that alone can say."""
        found = process.grant(buckets, self.now)
        if found is None:
            try:
                found = [*await self.redis.take(buckets, self.now)]
                process.learn(buckets, found, self.now)
            except Unavailable:
                found = process.grant(buckets, self.now, alone=True) or []
        return all(level.granted for level in found)

    async def taken(self, times: int, *buckets: Bucket) -> int:
        """Return how many of so many requests are granted, sent to the processes in turn."""
        granted = 0
        for number in range(times):
            granted += await self.take(self.processes[number % len(self.processes)], *buckets)
        return granted

    async def settle(self) -> None:
        """Let every process settle."""
        for process in self.processes:
            await process.settle()


async def test_a_process_grants_its_share_without_asking_redis() -> None:
    town = Town(1)
    assert await town.taken(USER.share, USER, DEVICE) == 6
    assert town.redis.asked == 0


async def test_a_burst_beyond_the_share_asks_redis_and_no_request_is_refused_for_it() -> None:
    town = Town(1)
    assert await town.taken(7, USER) == 7
    assert town.redis.asked == 1
    await town.settle()
    assert town.redis.left[USER] == 293


async def test_what_was_granted_is_settled_in_one_command_and_the_next_share_begins() -> None:
    town = Town(1)
    await town.taken(6, USER, DEVICE)
    await town.settle()
    assert (town.redis.asked, town.redis.left) == (1, {USER: 294, DEVICE: 294})
    assert await town.taken(6, USER, DEVICE) == 6
    assert town.redis.asked == 1


async def test_a_process_settles_by_itself() -> None:
    redis = MemoryBuckets()
    redis.answers.clear()
    process = Shares(redis, lambda: NOW, settled_after_s=0)
    process.grant([USER], NOW)
    await redis.settling()
    process.grant([USER], NOW)  # while the first is on its way
    redis.answers.set()
    await redis.settling()
    await asyncio.sleep(0)
    assert redis.left[USER] == 298


async def test_a_bucket_of_less_than_fifty_tokens_is_exact_over_all_processes() -> None:
    town = Town(10)
    assert await town.taken(100, SMALL) == 20


async def test_a_process_that_knows_that_a_bucket_is_empty_refuses_without_asking() -> None:
    town = Town(1)
    await town.taken(20, SMALL)
    asked = town.redis.asked
    assert await town.taken(50, SMALL) == 0
    assert town.redis.asked == asked

    town.now += timedelta(seconds=3)
    assert await town.taken(2, SMALL) == 1


async def test_a_request_that_one_bucket_refuses_takes_nothing_from_the_others() -> None:
    town = Town(1)
    await town.taken(20, SMALL)
    await town.taken(10, USER, SMALL)
    await town.settle()
    assert town.redis.left.get(USER, 300) == 300


@pytest.mark.parametrize("processes", [1, 2, 10, 50])
@pytest.mark.parametrize("seed", range(5))
async def test_processes_grant_at_most_their_shares_more_than_one_bucket_holds(
    processes: int, seed: int
) -> None:
    town, chance, granted = Town(processes), random.Random(seed), 0
    for _ in range(4_000):
        process = chance.choice(town.processes)
        granted += await town.take(process, USER)
        if chance.random() < 0.02:
            await process.settle()
        if chance.random() < 0.02:
            town.now += timedelta(seconds=0.2)
    refilled = (town.now - NOW) / USER.window * USER.quota
    assert 300 <= granted <= 300 + refilled + processes * USER.share


async def test_what_was_granted_too_much_is_made_up_for_and_does_not_add_up() -> None:
    town, granted = Town(10), 0
    for _ in range(1_000):
        granted += await town.taken(20, USER)
        await town.settle()
        town.now += timedelta(seconds=0.2)
        assert town.redis.left[USER] >= -10 * USER.share
    refilled = (town.now - NOW) / USER.window * USER.quota
    assert 300 <= granted <= 300 + refilled + 10 * USER.share


async def test_a_steady_client_within_the_limit_is_never_refused() -> None:
    town = Town(5)
    for _ in range(1_000):
        assert await town.taken(1, USER) == 1
        town.now += timedelta(seconds=0.2)
        await town.settle()


async def test_while_redis_is_down_each_process_limits_by_itself_and_asks_it_seldom() -> None:
    town = Town(2)
    await town.taken(20, USER)
    await town.settle()
    town.redis.down, asked = True, town.redis.asked
    await town.taken(2, USER)
    await town.settle()

    assert await town.taken(900, USER) <= 2 * 300 - 20
    assert town.redis.asked == asked + 2
    assert await town.taken(10, USER) == 0


async def test_a_small_bucket_is_limited_per_process_while_redis_is_down() -> None:
    town = Town(2)
    town.redis.down = True
    assert await town.taken(100, SMALL) == 40


async def test_a_redis_that_comes_back_learns_what_was_granted_meanwhile() -> None:
    town = Town(2)
    town.redis.down = True
    await town.taken(2, USER)
    await town.settle()
    await town.taken(200, USER)
    town.redis.down = False
    await town.settle()
    assert town.redis.left[USER] == 98


async def test_after_a_long_outage_nobody_owes_more_than_a_window() -> None:
    town = Town(3)
    town.redis.down = True
    await town.taken(3, USER)
    await town.settle()
    for _ in range(600):  # two minutes at the limit of each process
        await town.taken(3, USER)
        town.now += timedelta(seconds=0.2)
    town.redis.down = False
    await town.settle()
    assert town.redis.left[USER] >= -USER.quota
    town.now += USER.window + timedelta(seconds=1)
    assert await town.taken(1, USER) == 1


async def test_who_kept_to_the_limit_during_an_outage_owes_nothing_after_it() -> None:
    town = Town(1)
    town.redis.down = True
    await town.taken(1, USER)
    await town.settle()
    for _ in range(600):
        assert await town.taken(1, USER) == 1
        town.now += timedelta(seconds=0.2)
    town.redis.down = False
    await town.settle()
    assert town.redis.left[USER] > 295


async def test_a_redis_that_is_slow_holds_up_nobody_within_the_share() -> None:
    town = Town(1)
    [process] = town.processes
    await town.taken(3, USER)
    town.redis.answers.clear()
    settling = asyncio.create_task(process.settle())
    await asyncio.sleep(0)

    assert await town.taken(3, USER) == 3  # they would hang if they waited
    assert process.grant([USER], town.now) is None
    town.redis.answers.set()
    await settling
    [level] = process.grant([USER], town.now) or []
    assert level.left == 293  # the three that were granted meanwhile are not forgotten


async def test_a_redis_that_has_lost_everything_starts_with_full_buckets() -> None:
    town = Town(1)
    await town.taken(300, USER)
    town.redis.left.clear()
    await town.settle()
    assert town.redis.left[USER] > 290


async def test_the_least_recently_used_copies_are_removed_and_still_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_COPIES", 1)
    town = Town(1)
    await town.taken(3, USER)
    await town.taken(1, DEVICE)
    await town.settle()
    assert town.redis.left == {USER: 297, DEVICE: 299}
