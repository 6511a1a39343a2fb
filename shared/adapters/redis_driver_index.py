"""The driver location index as dispatch searches it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.adapters import redis_driver_scripts as scripts
from shared.adapters.driver_availability import availability_of
from shared.adapters.redis_client import answering
from shared.adapters.redis_driver_commands import (
    driver_key,
    from_ms,
    geo_key,
    milliseconds,
    outstanding_offer_key,
    store_availability,
    store_position,
    suspect_key,
    to_ms,
)
from shared.adapters.redis_driver_records import Row, all_of, nearest
from shared.adapters.redis_pipeline import RedisCommands
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver
from shared.dispatch.matching import Candidate
from shared.kernel.geo import Point, regions_around
from shared.tracking.domain import MAX_LATITUDE

SLACK = 1.002
"""Redis rounds positions and uses a slightly larger earth: search a little farther, then measure."""

_WIDEST_M = 20_037_726.37
CIRCLES_M = tuple(0.9999 * _WIDEST_M / 2**halvings for halvings in range(15, 5, -1))
"""Radii, in metres, each just below one at which Redis begins to look through cells of twice the size: the
smallest is 611 m, and 700 m would already scan 1.7 times as much."""

EVERYBODY = 1_000_000
"""More drivers than a circle holds."""


class RedisDriverIndex:
    """Implement `shared.dispatch.ports.DriverIndex`."""

    def __init__(self, client: RedisCommands) -> None:
        self._client = client

    async def near(
        self, point: Point, radius_m: float, located_since: datetime, limit: int | None = None
    ) -> Sequence[Candidate]:
        """See `DriverIndex.near`: one round trip, whatever the number of regions and drivers."""
        if abs(point.lat) > MAX_LATITUDE:
            return ()
        wanted = EVERYBODY if limit is None else limit
        async with answering(DriverIndexUnavailable):
            rows = await self._search(point, radius_m * SLACK, located_since, wanted)
        return nearest(rows, point, radius_m, limit)

    async def in_region(self, region: str, located_since: datetime) -> Sequence[Candidate]:
        """See `DriverIndex.in_region`."""
        async with answering(DriverIndexUnavailable):
            since = str(to_ms(located_since))
            rows = zip(*await scripts.REGION.run(self._client, (geo_key(region),), since), strict=True)
        return all_of(rows)

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        """See `DriverIndex.reserve`."""
        async with answering(DriverIndexUnavailable):
            key = outstanding_offer_key(driver_id)
            return bool(await scripts.RESERVE.run(self._client, (key,), offer_id, milliseconds(duration)))

    async def release(self, driver_id: str, offer_id: str) -> None:
        """See `DriverIndex.release`."""
        async with answering(DriverIndexUnavailable):
            await scripts.RELEASE.run(self._client, (outstanding_offer_key(driver_id),), offer_id)

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        """See `DriverIndex.upsert_position`."""
        async with answering(DriverIndexUnavailable):
            await store_availability(self._client, availability_of(driver))
            await store_position(self._client, driver.id, point, now)

    async def upsert_profile(self, driver: Driver) -> None:
        """See `DriverIndex.upsert_profile`."""
        async with answering(DriverIndexUnavailable):
            await store_availability(self._client, availability_of(driver))

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        """See `DriverIndex.mark_suspect`: it marks every region that the circle can touch, as a whole."""
        if abs(point.lat) > MAX_LATITUDE:
            return
        async with answering(DriverIndexUnavailable):
            keys = tuple(suspect_key(cell) for _, cell in regions_around(point, radius_m))
            await scripts.MARK.run(self._client, keys, milliseconds(duration))

    async def remove(self, driver_id: str) -> None:
        """See `DriverIndex.remove`."""
        async with answering(DriverIndexUnavailable):
            await scripts.REMOVE.run(self._client, (driver_key(driver_id),), driver_id)

    async def last_report(self, driver_id: str) -> datetime | None:
        """See `DriverIndex.last_report`."""
        async with answering(DriverIndexUnavailable):
            key, fields = driver_key(driver_id), ("located_at", "clock_received_at")
            times = await self._client.execute_command("HMGET", key, *fields)
        return max((from_ms(str(time)) for time in times if time), default=None)

    async def _search(
        self, point: Point, radius_m: float, located_since: datetime, wanted: int
    ) -> Iterable[Row]:
        """Return the nearest drivers by the distances of Redis, and some more."""
        regions = regions_around(point, radius_m)
        circles = [c for c in CIRCLES_M if c < radius_m] if wanted < EVERYBODY else []
        arguments = [str(to_ms(located_since)), repr(point.lng), repr(point.lat), str(wanted)]
        for circle in (*circles, radius_m):
            arguments += (repr(circle), str(sum(reach <= circle for reach, _ in regions)))
        keys = tuple(geo_key(cell) for _, cell in regions)
        return zip(*await scripts.NEAREST.run(self._client, keys, *arguments), strict=True)
