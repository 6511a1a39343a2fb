"""The driver location index as dispatch searches it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from shared.adapters.driver_availability import availability_of
from shared.adapters.redis_client import answering
from shared.adapters.redis_driver_commands import (
    add_position,
    add_profile,
    correct_sets,
    driver_key,
    from_ms,
    geo_key,
    move_of,
    outstanding_offer_key,
    suspect_key,
)
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.matching import Candidate
from shared.kernel.geo import REGION_RESOLUTION, Point, cells_around, distance_m
from shared.tracking.domain import MAX_LATITUDE, ONLINE

SLACK = 1.002
"""Redis rounds positions and uses a slightly larger earth: search a little farther, then measure."""

_FIELDS = ("lat", "lng", "located_at", "region", "status", "load", "load_cap", "rating", "acceptance")
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisDriverIndex:
    """Implement `shared.dispatch.ports.DriverIndex`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def near(self, point: Point, radius_m: float, located_since: datetime) -> Sequence[Candidate]:
        """See `DriverIndex.near`: two round trips, whatever the number of regions and drivers."""
        if abs(point.lat) > MAX_LATITUDE:
            return ()
        async with answering(DriverIndexUnavailable):
            members = await self._members(point, radius_m)
            hashes = await self._hashes(members)
            found = [_candidate(uid, *stored) for uid, stored in hashes.items()]
            fresh = [driver for driver in found if driver and driver.located_at >= located_since]
            await self._drop(members, {driver.driver_id: hashes[driver.driver_id][0][3] for driver in fresh})
        near = sorted((distance_m(driver.point, point), driver.driver_id, driver) for driver in fresh)
        return [driver for metres, _, driver in near if metres <= radius_m]

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        """See `DriverIndex.reserve`."""
        async with answering(DriverIndexUnavailable):
            pipe = self._client.pipeline(transaction=False)
            pipe.set(outstanding_offer_key(driver_id), offer_id, nx=True, px=duration)
            pipe.get(outstanding_offer_key(driver_id))
            _, holder = await pipe.execute()
        return bool(holder == offer_id)

    async def release(self, driver_id: str, offer_id: str) -> None:
        """See `DriverIndex.release`."""
        async with answering(DriverIndexUnavailable):
            await self._client.eval(_RELEASE, 1, outstanding_offer_key(driver_id), offer_id)

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        """See `DriverIndex.upsert_position`."""
        async with answering(DriverIndexUnavailable):
            pipe = self._client.pipeline(transaction=False)
            add_profile(pipe, availability_of(driver))
            cell = add_position(pipe, driver.id, point, now)
            _, reply, _ = await pipe.execute()
            await correct_sets(self._client, driver.id, cell, move_of(reply))

    async def upsert_profile(self, driver: Driver) -> None:
        """See `DriverIndex.upsert_profile`."""
        async with answering(DriverIndexUnavailable):
            pipe = self._client.pipeline(transaction=False)
            add_profile(pipe, availability_of(driver))
            pipe.hmget(driver_key(driver.id), ["status", "region"])
            _, (status, cell) = await pipe.execute()
            if status != ONLINE and cell:
                await self._client.zrem(geo_key(cell), driver.id)

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        """See `DriverIndex.mark_suspect`: it marks every region that the circle can touch, as a whole."""
        if abs(point.lat) > MAX_LATITUDE:
            return
        async with answering(DriverIndexUnavailable):
            pipe = self._client.pipeline(transaction=False)
            for cell in cells_around(point, radius_m, REGION_RESOLUTION):
                pipe.set(suspect_key(cell), 1, px=duration)
            await pipe.execute()

    async def remove(self, driver_id: str) -> None:
        """See `DriverIndex.remove`."""
        async with answering(DriverIndexUnavailable):
            cell = await self._client.hget(driver_key(driver_id), "region")
            pipe = self._client.pipeline(transaction=False)
            pipe.delete(driver_key(driver_id))
            if cell:
                pipe.zrem(geo_key(str(cell)), driver_id)
            await pipe.execute()

    async def last_report(self, driver_id: str) -> datetime | None:
        """See `DriverIndex.last_report`."""
        async with answering(DriverIndexUnavailable):
            fields = ["located_at", "clock_received_at"]
            times = await self._client.hmget(driver_key(driver_id), fields)
        return max((from_ms(str(time)) for time in times if time), default=None)

    async def _members(self, point: Point, radius_m: float) -> dict[str, list[str]]:
        """Return, by region, the drivers who may be in the circle."""
        cells = cells_around(point, radius_m, REGION_RESOLUTION)
        pipe = self._client.pipeline(transaction=False)
        for cell in cells:
            pipe.geosearch(
                geo_key(cell), longitude=point.lng, latitude=point.lat, radius=radius_m * SLACK, unit="m"
            )
        return dict(zip(cells, await pipe.execute(), strict=True))

    async def _hashes(self, members: dict[str, list[str]]) -> dict[str, tuple[list[Any], str | None]]:
        """Return the hash fields and the outstanding offer of each member."""
        uids = list(dict.fromkeys(uid for found in members.values() for uid in found))
        if not uids:
            return {}
        pipe = self._client.pipeline(transaction=False)
        for uid in uids:
            pipe.hmget(driver_key(uid), _FIELDS)
            pipe.get(outstanding_offer_key(uid))
        answers = await pipe.execute()
        return dict(zip(uids, zip(answers[::2], answers[1::2], strict=True), strict=True))

    async def _drop(self, members: dict[str, list[str]], regions: dict[str, str]) -> None:
        """Remove members from sets where they do not belong: silent, removed or in another region.

        A driver who reports at the same moment may be removed too; their next report adds them again.
        """
        pipe = self._client.pipeline(transaction=False)
        for cell, uids in members.items():
            gone = [uid for uid in uids if regions.get(uid) != cell]
            if gone:
                pipe.zrem(geo_key(cell), *gone)
        if len(pipe):
            await pipe.execute()


def _candidate(uid: str, fields: Sequence[Any], outstanding_offer: str | None) -> Candidate | None:
    """Return the driver of a hash; None where a field is missing or cannot be parsed."""
    lat, lng, located_at, _, status, load, load_cap, rating, acceptance = fields
    if None in (lat, located_at, status):
        return None
    try:
        return Candidate(
            driver_id=uid,
            point=Point(float(lat), float(lng)),
            located_at=from_ms(located_at),
            status=DriverStatus(status),
            load=int(load),
            load_cap=int(load_cap),
            rating=float(rating),
            acceptance=float(acceptance),
            outstanding_offer=outstanding_offer,
        )
    except (TypeError, ValueError, OverflowError):
        return None
