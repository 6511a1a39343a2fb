"""`Copies` in Redis.

`copies:{n}:since`          since when this shard has lost nothing (ms); lost with the rest of the shard
`copies:{n}:trusted`        exists while copies are trusted
`copies:{n}:holds:{key}`    set: who holds the copy
`copies:{n}:copy:{key}`     `=` and the copy, or `?` and the token to which its place is leased

The keys of one copy lie on one node of a cluster. Redis must not evict keys, and must not come back with what
it held some time ago: no snapshots, no append-only file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zlib import crc32

from redis.asyncio import Redis

from shared.adapters.copies import CopyRules, Found
from shared.adapters.redis_client import answering
from shared.kernel.errors import Unavailable

SHARDS = 8

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', now), 'NX')
"""

_GET = (
    _NOW
    + """
local trusted = redis.call('EXISTS', KEYS[2])
if redis.call('EXISTS', KEYS[3]) == 1 then return {false, 0, trusted} end
local found = redis.call('GET', KEYS[4])
if found and string.sub(found, 1, 1) == '=' then return {string.sub(found, 2), 0, trusted} end
if found then return {false, 0, trusted} end
redis.call('SET', KEYS[4], '?' .. ARGV[1], 'PX', ARGV[2])
return {false, 1, trusted}
"""
)

_PUT = (
    _NOW
    + """
local since = tonumber(redis.call('GET', KEYS[1]))
if redis.call('EXISTS', KEYS[3]) == 1 or redis.call('GET', KEYS[4]) ~= '?' .. ARGV[1] then return 0 end
if now < since + tonumber(ARGV[4]) then return 0 end
redis.call('SET', KEYS[4], '=' .. ARGV[2], 'PX', ARGV[3])
return 1
"""
)

_HOLD = """
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
redis.call('DEL', KEYS[4])
"""

_RELEASE = """
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[4])
"""


class RedisCopies:
    """See `Copies`; one round trip each."""

    def __init__(self, client: Redis, rules: CopyRules = CopyRules()) -> None:  # noqa: B008 - frozen
        self._client = client
        self._rules = rules

    async def get(self, key: str, token: str) -> Found:
        """See `Copies.get`."""
        value, leased, trusted = await self._run(_GET, key, token, _ms(self._rules.lease))
        return Found(value, bool(leased), bool(trusted))

    async def put(self, key: str, token: str, value: str) -> None:
        """See `Copies.put`."""
        await self._run(_PUT, key, token, value, _ms(self._rules.lifetime), _ms(self._rules.wary))

    async def trust(self, key: str, lasting: timedelta) -> None:
        """See `Copies.trust`: all copies of the shard of this one."""
        async with answering(Unavailable):
            await self._client.set(_keys(key)[1], "1", px=lasting)

    async def hold(self, keys: Sequence[str], holder: str) -> None:
        """See `Copies.hold`."""
        for key in keys:
            await self._run(_HOLD, key, holder, _ms(self._rules.hold))

    async def release(self, keys: Sequence[str], holder: str) -> None:
        """See `Copies.release`."""
        for key in keys:
            await self._run(_RELEASE, key, holder)

    async def _run(self, script: str, key: str, *arguments: str) -> list[str]:
        async with answering(Unavailable):
            answer: list[str] = await self._client.eval(script, 4, *_keys(key), *arguments)
        return answer


def since_key(shard: int) -> str:
    """Return the key that says since when a shard has lost nothing."""
    return f"copies:{{{shard}}}:since"


def _keys(key: str) -> tuple[str, str, str, str]:
    shard = crc32(key.encode()) % SHARDS
    tag = f"copies:{{{shard}}}"
    return since_key(shard), f"{tag}:trusted", f"{tag}:holds:{key}", f"{tag}:copy:{key}"


def _ms(lasting: timedelta) -> str:
    return str(lasting // timedelta(milliseconds=1))
