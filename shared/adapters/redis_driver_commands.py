"""The driver location index in Redis: its keys, and the steps that dispatch and tracking share.

`driver:{uid}`   hash; times are milliseconds:
    lat, lng, region; located_at (when the driver was there, by the server's clock) and
    recorded_at (the same by the device's clock); clock_received_at and clock_recorded_at (one report by
    both clocks, to compare the next one with); jumps, jump_lat, jump_lng, jump_at (how many jumps were
    ignored in a row, and the latest); status, load, load_cap, rating, acceptance, version;
    looked_up_at (when the driver's record was read last because the region was suspect)
`driver:{uid}:outstanding_offer`  the offer that has reserved the driver; it expires with the offer
`geo:{region}`   GEO set of the available drivers in one H3 region
`geo:{region}:drivers`  hash: what a search returns of each driver in the set, in one text:
    located_at, lat, lng, load, load_cap, rating, acceptance
`geo:{region}:suspect`  exists while a search that touches the region has found no candidate lately

The hash of the driver is the truth of the index. Each script that changes it changes the set and the records
of the region too, so that a search meets only drivers who can be asked; therefore all keys are in one Redis
(infra/adr/0019). A driver who falls silent is in the set, with an old time, until a search meets them. Redis
may lose all of it at any moment: positions return with the next report, the rest from `drivers/{uid}`. It may
also fall back to an old state. Then a report from a suspect region leads to a look-up of the driver's record
if the index shows the driver as unavailable; a search corrects a driver that the index shows as available.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.adapters import redis_driver_scripts as scripts
from shared.adapters.redis_pipeline import RedisCommands
from shared.kernel.geo import EARTH_RADIUS_M, Point, region
from shared.tracking.domain import (
    CLOCK_COMPARE_INTERVAL,
    MAX_CLOCK_DRIFT,
    MAX_JUMPS,
    MAX_SPEED_MPS,
    RECORD_LOOKUP_INTERVAL,
    DriverAvailability,
    Position,
)

DRIVER_TTL_S = 3600
"""A driver who has not reported for so long is removed."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to a report: the driver's availability as Redis has it, and whether it was a jump."""

    status: str
    load: str | None
    load_cap: str | None
    looked_up_at: str | None
    jump: int


def geo_key(cell: str) -> str:
    """Return the key of a region's GEO set."""
    return f"geo:{{{cell}}}"


def records_key(cell: str) -> str:
    """Return the key of the records of a region's drivers."""
    return f"geo:{{{cell}}}:drivers"


def driver_key(uid: str) -> str:
    """Return the key of a driver's hash."""
    return f"driver:{{{uid}}}"


def outstanding_offer_key(uid: str) -> str:
    """Return the key of a driver's reservation."""
    return f"driver:{{{uid}}}:outstanding_offer"


def suspect_key(cell: str) -> str:
    """Return the key that marks a region as suspect."""
    return f"geo:{{{cell}}}:suspect"


def to_ms(at: datetime) -> int:
    """Return a time as Redis stores it: whole milliseconds."""
    return round(at.timestamp() * 1000)


def from_ms(ms: str) -> datetime:
    """Return a stored time."""
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


def milliseconds(span: timedelta) -> str:
    """Return a span as Redis takes it: whole milliseconds."""
    return str(span // timedelta(milliseconds=1))


_JUMP_RULE = (repr(EARTH_RADIUS_M), repr(MAX_SPEED_MPS), str(MAX_JUMPS))
_CLOCK_RULE = (milliseconds(CLOCK_COMPARE_INTERVAL), milliseconds(MAX_CLOCK_DRIFT))


async def store_availability(client: RedisCommands, availability: DriverAvailability) -> None:
    """Store a driver's availability, unless a later version is there."""
    await scripts.UPSERT_PROFILE.run(
        client,
        (driver_key(availability.driver_id),),
        availability.driver_id,
        str(DRIVER_TTL_S),
        str(availability.version),
        str(availability.status),
        str(availability.load),
        str(availability.load_cap),
        repr(availability.rating),
        repr(availability.acceptance),
    )


async def store_report(
    client: RedisCommands, driver_id: str, position: Position, received_at: datetime
) -> Recorded | None:
    """Record a reported position; None for an unknown driver."""
    lat, lng = position.point.lat, position.point.lng
    where = (repr(lat), repr(lng), region(position.point), str(DRIVER_TTL_S))
    rule = (str(to_ms(received_at)), *_CLOCK_RULE, *_JUMP_RULE)
    recorded_at = str(to_ms(position.recorded_at))
    reply = await scripts.RECORD.run(client, (driver_key(driver_id),), recorded_at, *where, *rule, driver_id)
    return Recorded(*reply) if reply else None


async def store_position(client: RedisCommands, driver_id: str, point: Point, now: datetime) -> None:
    """Store a driver's position at the server's time."""
    where = (repr(point.lat), repr(point.lng), region(point), str(DRIVER_TTL_S), str(to_ms(now)))
    await scripts.UPSERT_POSITION.run(client, (driver_key(driver_id),), driver_id, *where)


async def claim_lookup(client: RedisCommands, driver_id: str, now: datetime) -> bool:
    """Return whether the caller may look the driver up now; other callers get False for a while."""
    interval = milliseconds(RECORD_LOOKUP_INTERVAL)
    return bool(await scripts.CLAIM_LOOKUP.run(client, (driver_key(driver_id),), str(to_ms(now)), interval))
