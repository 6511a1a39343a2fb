"""`SharedBuckets` in Redis, shared by all instances of all functions.

`rate:{subject}:{policy}`  hash: left (tokens; below zero where too many were granted), at (ms); expires when
it is full again

A request has buckets of different subjects, and one script takes from all of them: they lie in one Redis, as
the driver location index does, not in a cluster (ADR 0023).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.adapters.redis_client import answering
from shared.adapters.redis_pipeline import Argument, RedisCommands
from shared.adapters.redis_script import Script
from shared.kernel.errors import Unavailable
from shared.kernel.rates import Bucket, Level

AT_ONCE = 500
"""How many buckets one script settles; Redis does nothing else meanwhile, for about two milliseconds."""

_MILLISECOND = timedelta(milliseconds=1)

_LOOK = """
local now = tonumber(ARGV[1])
local function look(n)
  local stored = redis.call('HMGET', KEYS[n], 'left', 'at')
  local quota, window = tonumber(ARGV[3 * n - 1]), tonumber(ARGV[3 * n])
  if not stored[1] then return {left = quota, at = now, quota = quota, window = window} end
  local at = math.max(now, tonumber(stored[2]))
  local left = tonumber(stored[1]) + (at - tonumber(stored[2])) * quota / window
  return {left = math.min(quota, left), at = at, quota = quota, window = window}
end
local function take(n, bucket)
  bucket.left = math.max(-bucket.quota, bucket.left - tonumber(ARGV[3 * n + 1]))
  redis.call('HSET', KEYS[n], 'left', string.format('%.6f', bucket.left),
             'at', string.format('%.0f', bucket.at))
  local lacking = (bucket.quota - bucket.left) / bucket.quota
  redis.call('PEXPIRE', KEYS[n], math.ceil(bucket.window * lacking) + 1000)
end
"""
"""The values of a bucket: its quota, its window in milliseconds, and how many tokens are taken."""

TAKE = Script(f"""{_LOOK}
local found, all, lefts = {{}}, true, {{}}
for n = 1, #KEYS do
  found[n] = look(n)
  all = all and found[n].left >= 1
end
for n = 1, #KEYS do
  lefts[2 * n - 1] = found[n].left >= 1 and 1 or 0
  if all then take(n, found[n]) end
  lefts[2 * n] = string.format('%.6f', found[n].left)
end
return lefts
""")
"""Takes from every bucket if each has a token; returns for each whether it had one, and what is left."""

SETTLE = Script(f"""{_LOOK}
local lefts = {{}}
for n = 1, #KEYS do
  local bucket = look(n)
  take(n, bucket)
  lefts[n] = string.format('%.6f', bucket.left)
end
return lefts
""")
"""Takes tokens that were granted already; returns what is left of each bucket."""


class RedisBuckets:
    """See `shared.kernel.rates.SharedBuckets`: one command in one round trip."""

    def __init__(self, client: RedisCommands) -> None:
        self._client = client

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """See `Buckets.take`."""
        if not buckets:
            return []
        found = await self._run(TAKE, [(bucket, 1) for bucket in buckets], now)
        return [Level(bool(had), float(left)) for had, left in zip(found[::2], found[1::2], strict=True)]

    async def settle(self, granted: Sequence[tuple[Bucket, float]], now: datetime) -> Sequence[float]:
        """See `SharedBuckets.settle`; several commands at once for very many buckets."""
        parts = [granted[first : first + AT_ONCE] for first in range(0, len(granted), AT_ONCE)]
        settled = await asyncio.gather(*(self._run(SETTLE, part, now) for part in parts))
        return [float(left) for lefts in settled for left in lefts]

    async def _run(self, script: Script, taken: Sequence[tuple[Bucket, float]], now: datetime) -> list[str]:
        keys = tuple(bucket.key for bucket, _ in taken)
        values: list[Argument] = [round(now.timestamp() * 1000)]
        for bucket, tokens in taken:
            values += (bucket.quota, bucket.window // _MILLISECOND, tokens)
        async with answering(Unavailable):
            answer: list[str] = await script.run(self._client, keys, *values)
        return answer
