"""The Redis client of all adapters."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.kernel.errors import Unavailable

TIMEOUT_S = 0.5
CONNECTIONS = 32

log = logging.getLogger(__name__)


def connect(url: str) -> Redis:
    """Return a client with short timeouts and one immediate retry; all our commands can be repeated.

    Beyond `CONNECTIONS` concurrent commands, a command waits up to `TIMEOUT_S` for a connection.
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


async def ping(client: Redis) -> None:
    """Return when Redis answers. Raises `Unavailable`."""
    async with answering(Unavailable):
        await client.get("health")


@asynccontextmanager
async def answering(error: type[Unavailable]) -> AsyncIterator[None]:
    """Convert every failure of Redis to `error`."""
    try:
        yield
    except (RedisError, OSError) as cause:
        log.warning("redis_unavailable", extra={"error": type(cause).__name__})
        raise error from cause
