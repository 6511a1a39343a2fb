"""Ports over Redis."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from shared.composition.ports import Ports
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from shared.adapters.redis_pipeline import RedisCommands


class RedisPorts(Ports):
    """Ports that keep something in Redis, which may lose it at any moment."""

    redis_needed = True
    """Whether the function is of no use while Redis does not answer."""

    @cached_property
    def redis(self) -> Redis:
        """Return the client of Redis."""
        from shared.adapters.redis_client import connect

        return self.runtime.external("redis", lambda: connect(self.runtime.settings(Settings).redis_url))

    @cached_property
    def redis_pipeline(self) -> RedisCommands:
        """Return the lean client of Redis, for what drivers do many times a second."""
        from shared.adapters.redis_pipeline import RedisPipeline

        url = self.runtime.settings(Settings).redis_url
        return self.runtime.external("redis pipeline", lambda: RedisPipeline(url))

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks."""
        from shared.adapters.redis_client import ping

        asked = Dependency(partial(ping, self.redis), needed=self.redis_needed)
        return {**super().dependencies, "redis": asked}
