"""The map of drivers in Redis: its keys, and the few steps of which dispatch and tracking make theirs.

`geo:{region}`   GEO set of the drivers in one H3 region
`driver:{uid}`   hash: lat, lng, at (ms), region; status, load, cap, rating, acceptance, version
`driver:{uid}:offered`  the offer that the driver is thinking about, gone when its time is over

The braces are part of the keys: a cluster shards by what stands between them. The hash is the truth of
this index; membership in a GEO set only leads to it, is checked against it, and may lag. All of it
may vanish at any moment: positions come back with the next ping, the rest from `drivers/{uid}`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.kernel.errors import Unavailable
from shared.kernel.geo import region
from shared.tracking.domain import Fix, Standing

TIMEOUT_S = 0.5
CONNECTIONS = 32
KEPT_S = 3600
"""A driver who has not been heard of for so long is forgotten."""

ONLINE = "online"

_DESCRIBE = """
local known = redis.call('HGET', KEYS[1], 'version')
if known and tonumber(known) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'status', ARGV[3], 'load', ARGV[4], 'cap', ARGV[5],
           'rating', ARGV[6], 'acceptance', ARGV[7])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
"""Stores how a driver stands, unless a later version is there."""

_MOVE = """
local old = redis.call('HMGET', KEYS[1], 'status', 'at', 'lat', 'lng', 'region')
if old[1] and not (old[2] and tonumber(old[2]) >= tonumber(ARGV[1])) then
  redis.call('HSET', KEYS[1], 'at', ARGV[1], 'lat', ARGV[2], 'lng', ARGV[3], 'region', ARGV[4])
end
if old[1] then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
return old
"""
"""Moves a known driver, unless they were seen later; returns how and where they were."""

log = logging.getLogger(__name__)


def connect(url: str) -> Redis:
    """Return a client with short time-outs; one quick retry, since every command here can be repeated.

    Beyond `CONNECTIONS` at once a command waits for its turn, as briefly as for an answer.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=TIMEOUT_S,
        decode_responses=True,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )
    return Redis.from_pool(pool)


def geo_key(cell: str) -> str:
    """The GEO set of a region."""
    return f"geo:{{{cell}}}"


def driver_key(uid: str) -> str:
    """The hash of a driver."""
    return f"driver:{{{uid}}}"


def offered_key(uid: str) -> str:
    """The mark of a driver who is being asked."""
    return f"driver:{{{uid}}}:offered"


def to_ms(at: datetime) -> int:
    """A time as it is stored: whole milliseconds."""
    return round(at.timestamp() * 1000)


def from_ms(ms: str) -> datetime:
    """A stored time."""
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


@asynccontextmanager
async def answering(error: type[Unavailable]) -> AsyncIterator[None]:
    """Turn whatever Redis fails with into `error`."""
    try:
        yield
    except (RedisError, OSError) as cause:
        log.warning("redis_unavailable", extra={"error": type(cause).__name__})
        raise error from cause


def describe(pipe: Pipeline, standing: Standing) -> None:
    """Store how a driver stands, unless a later version is there."""
    pipe.eval(
        _DESCRIBE,
        1,
        driver_key(standing.driver_id),
        str(standing.version),
        str(KEPT_S),
        str(standing.status),
        str(standing.load),
        str(standing.load_cap),
        repr(standing.rating),
        repr(standing.acceptance),
    )


def move(pipe: Pipeline, driver_id: str, fix: Fix) -> str:
    """Move a known driver and put them into the set of their region, which is returned.

    Answers the former status, time, position and region, then the GEOADD; `settle` corrects the set
    where it should not have been touched.
    """
    cell = region(fix.point)
    lat, lng = fix.point.lat, fix.point.lng
    pipe.eval(_MOVE, 1, driver_key(driver_id), str(to_ms(fix.at)), repr(lat), repr(lng), cell, str(KEPT_S))
    pipe.geoadd(geo_key(cell), (lng, lat, driver_id))
    return cell


async def settle(client: Redis, driver_id: str, latest: Fix, cell: str, old: Sequence[Any]) -> None:
    """Correct the GEO sets where the driver may not be, or is elsewhere than the pipeline put them."""
    status, at, lat, lng, old_cell = old
    seen_later = at is not None and int(at) >= to_ms(latest.at)
    pipe = client.pipeline(transaction=False)
    if status != ONLINE:
        pipe.zrem(geo_key(cell), driver_id)
    elif seen_later and old_cell:
        if old_cell != cell:
            pipe.zrem(geo_key(cell), driver_id)
        pipe.geoadd(geo_key(old_cell), (float(lng), float(lat), driver_id))
    if old_cell and old_cell != cell and not seen_later:
        pipe.zrem(geo_key(old_cell), driver_id)
    if len(pipe):
        await pipe.execute()
