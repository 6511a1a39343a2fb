"""The crowd in a real Redis: as the production index stores it, and as one plain GEO set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from redis.asyncio import Redis

from shared.adapters.redis_client import CONNECTIONS
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.adapters.redis_pipeline import RedisCommands
from shared.dispatch.matching import Config
from shared.kernel.geo import Point
from tests.bench.crowd import Located

GEO_KEY = "bench:drivers"
RADIUS_M = 3_000
CONFIG = Config()


class BenchDriverIndex:
    """All drivers, located at `now`, and two ways of searching them."""

    def __init__(self, client: RedisCommands, plain: Redis, now: datetime) -> None:
        self._client, self._plain = client, plain
        self._index = RedisDriverIndex(client)
        self._now = now

    async def fill(self, drivers: Sequence[Located], advance: Callable[[], None]) -> None:
        """Store all drivers, as many at once as there are connections."""
        for start in range(0, len(drivers), CONNECTIONS):
            some = drivers[start : start + CONNECTIONS]
            await asyncio.gather(
                *(self._index.upsert_position(driver, point, self._now) for driver, point in some)
            )
            places = [value for driver, point in some for value in (point.lng, point.lat, driver.id)]
            await self._plain.geoadd(GEO_KEY, places)
            advance()

    async def nearest(self, point: Point, wanted: int) -> list[str]:
        """Return the nearest available drivers within the widest radius of a search."""
        located_since = self._now - CONFIG.max_position_age
        near = await self._index.near(point, CONFIG.radii_m[-1], located_since, wanted)
        return [driver.driver_id for driver in near]

    async def geosearch(self, point: Point, wanted: int) -> list[str]:
        """Search the plain set with the client that everybody has, which the index is compared with."""
        found = await self._plain.geosearch(
            GEO_KEY,
            longitude=point.lng,
            latitude=point.lat,
            radius=RADIUS_M,
            unit="m",
            sort="ASC",
            count=wanted,
        )
        return [str(driver_id) for driver_id in found]

    async def lean_geosearch(self, point: Point, wanted: int) -> list[str]:
        """The same search with the client of the index."""
        where = ("FROMLONLAT", point.lng, point.lat, "BYRADIUS", RADIUS_M, "m", "ASC", "COUNT", wanted)
        found = await self._client.execute_command("GEOSEARCH", GEO_KEY, *where)
        return [str(driver_id) for driver_id in found]
