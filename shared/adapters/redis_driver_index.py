"""The map of drivers as dispatch searches it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from shared.adapters.redis_client import answering
from shared.adapters.redis_driver_commands import (
    driver_key,
    from_ms,
    geo_key,
    outstanding_offer_key,
    place,
    settle,
    suspect_key,
    upsert_profile,
)
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.matching import Candidate
from shared.kernel.geo import REGION_RESOLUTION, Point, cells_around, distance_m
from shared.tracking.domain import MAX_LATITUDE, ONLINE, DriverAvailability

MAX_POSITION_AGE = timedelta(seconds=60)
"""By our own clock: how old a position was when it came in, and how long it has been here."""
SLACK = 1.002
"""Redis rounds positions and takes a slightly larger earth: look a little farther, then measure."""

_FIELDS = ("lat", "lng", "seen", "region", "status", "load", "cap", "rating", "acceptance")
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisDriverIndex:
    """See `shared.dispatch.ports.DriverIndex`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def near(self, point: Point, radius_m: float, now: datetime) -> Sequence[Candidate]:
        """See `DriverIndex.near`: two round trips, whatever the number of regions and drivers."""
        if abs(point.lat) > MAX_LATITUDE:
            return ()
        async with answering(DriverIndexUnavailable):
            members = await self._members(point, radius_m)
            hashes = await self._hashes(members)
            found = {uid: _candidate(uid, *stored) for uid, stored in hashes.items()}
            fresh = [driver for driver in found.values() if driver and now - driver.at <= MAX_POSITION_AGE]
            await self._drop(members, {driver.driver_id: hashes[driver.driver_id][0][3] for driver in fresh})
        near = [(distance_m(driver.point, point), driver) for driver in fresh]
        return [driver for m, driver in sorted(near, key=lambda p: (p[0], p[1].driver_id)) if m <= radius_m]

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        """See `DriverIndex.reserve`; the same offer may reserve twice."""
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
            upsert_profile(pipe, _standing(driver))
            cell = place(pipe, driver.id, point, now)
            _, old, _ = await pipe.execute()
            await settle(self._client, driver.id, cell, old)

    async def upsert_profile(self, driver: Driver) -> None:
        """See `DriverIndex.upsert_profile`."""
        async with answering(DriverIndexUnavailable):
            pipe = self._client.pipeline(transaction=False)
            upsert_profile(pipe, _standing(driver))
            pipe.hmget(driver_key(driver.id), ["status", "region"])
            _, (status, cell) = await pipe.execute()
            if status != ONLINE and cell:
                await self._client.zrem(geo_key(cell), driver.id)

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        """See `DriverIndex.mark_suspect`: every region that the circle can touch, as a whole."""
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

    async def _members(self, point: Point, radius_m: float) -> dict[str, list[str]]:
        """Return, by region, who may be in the circle."""
        cells = cells_around(point, radius_m, REGION_RESOLUTION)
        pipe = self._client.pipeline(transaction=False)
        for cell in cells:
            pipe.geosearch(
                geo_key(cell), longitude=point.lng, latitude=point.lat, radius=radius_m * SLACK, unit="m"
            )
        return dict(zip(cells, await pipe.execute(), strict=True))

    async def _hashes(self, members: dict[str, list[str]]) -> dict[str, tuple[list[Any], str | None]]:
        """Return the hash fields of each member and the offer they are thinking about."""
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
        """Take members out of sets where they no longer belong: silent, gone or moved away.

        Should one of them report at this very moment, the next report brings them back.
        """
        pipe = self._client.pipeline(transaction=False)
        for cell, uids in members.items():
            gone = [uid for uid in uids if regions.get(uid) != cell]
            if gone:
                pipe.zrem(geo_key(cell), *gone)
        if len(pipe):
            await pipe.execute()


def _candidate(uid: str, fields: Sequence[Any], asked: str | None) -> Candidate | None:
    """Return the driver of a hash; None where a field is missing or makes no sense."""
    lat, lng, seen, _, status, load, cap, rating, acceptance = fields
    if not _complete((lat, seen, status)):
        return None
    try:
        return Candidate(
            driver_id=uid,
            point=Point(float(lat), float(lng)),
            at=from_ms(seen),
            status=DriverStatus(status),
            load=int(load),
            load_cap=int(cap),
            rating=float(rating),
            acceptance=float(acceptance),
            asked=asked,
        )
    except (TypeError, ValueError, OverflowError):
        return None


def _complete(fields: Iterable[Any]) -> bool:
    return all(field is not None for field in fields)


def _standing(driver: Driver) -> DriverAvailability:
    return DriverAvailability(
        driver_id=driver.id,
        status=driver.status,
        load=driver.load,
        load_cap=driver.load_cap,
        rating=driver.rating,
        acceptance=driver.acceptance,
        version=driver.version,
    )
