"""`Buckets` in Redis, shared by all instances of all functions.

`rate:{subject}:{policy}`  hash: left (tokens), at (ms); expires when the bucket is full again

The braces are part of the keys: a cluster shards by the text between them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis

from shared.adapters.redis_client import answering
from shared.kernel.errors import Unavailable
from shared.kernel.rates import Bucket, Level

_TAKE = """
local quota, window, now, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local stored = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = quota, now
if stored[1] then
  at = math.max(now, tonumber(stored[2]))
  left = math.min(quota, tonumber(stored[1]) + (at - tonumber(stored[2])) * quota / window)
end
local granted = 0
if left >= wanted then
  granted = 1
  left = math.min(quota, left - wanted)
end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.0f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(window * (quota - left) / quota) + 1000)
return {granted, string.format('%.6f', left)}
"""
"""Refills a bucket up to now and takes `wanted` tokens if it has them; -1 returns one."""


class RedisBuckets:
    """See `shared.kernel.rates.Buckets`: one round trip, and a second one when a bucket is empty."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def take(self, buckets: Sequence[Bucket], now: datetime) -> Sequence[Level]:
        """See `Buckets.take`. The buckets may be on several shards, so that each is updated on its own; if
        one is empty, the others get their token back in a second step."""
        levels = await self._move(buckets, now, 1)
        if all(level.granted for level in levels):
            return levels
        taken = [bucket for bucket, level in zip(buckets, levels, strict=True) if level.granted]
        with contextlib.suppress(Unavailable):  # one token less for a while is acceptable
            await self._move(taken, now, -1)
        return [Level(level.granted, level.left + 1 if level.granted else level.left) for level in levels]

    async def _move(self, buckets: Sequence[Bucket], now: datetime, wanted: int) -> list[Level]:
        if not buckets:
            return []
        async with answering(Unavailable):
            pipe = self._client.pipeline(transaction=False)
            for bucket in buckets:
                window_ms = str(bucket.window // timedelta(milliseconds=1))
                now_ms = str(round(now.timestamp() * 1000))
                pipe.eval(_TAKE, 1, bucket.key, str(bucket.quota), window_ms, now_ms, str(wanted))
            answers = await pipe.execute()
        return [Level(bool(granted), float(left)) for granted, left in answers]
