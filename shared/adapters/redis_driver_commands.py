"""The driver location index in Redis: its keys, its scripts, and the steps that dispatch and tracking share.

`geo:{region}`   GEO set of the online drivers in one H3 region
`driver:{uid}`   hash; times are milliseconds:
    lat, lng, region; located_at (when the driver was there, by the server's clock) and
    recorded_at (the same by the device's clock); clock_received_at and clock_recorded_at (one report by
    both clocks, to compare the next one with); jumps, jump_lat, jump_lng, jump_at (how many jumps were
    ignored in a row, and the latest); status, load, load_cap, rating, acceptance, version;
    looked_up_at (when the driver's record was read last because the region was suspect)
`driver:{uid}:outstanding_offer`  the offer that has reserved the driver; it expires with the offer
`geo:{region}:suspect`  exists while a search that touches the region has found no candidate lately

The braces are part of the keys: a cluster shards by the text between them. The hash is the truth of the
index. Membership in a GEO set only leads to the hash, is checked against it, and may lag. Redis may lose
all of it at any moment: positions return with the next report, the rest from `drivers/{uid}`. It may also
fall back to an old state. Then a report from a suspect region leads to a look-up of the driver's record if
the index shows the driver as unavailable; a search corrects a driver that the index shows as available.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.kernel.geo import EARTH_RADIUS_M, Point, region
from shared.tracking.domain import (
    CLOCK_COMPARE_INTERVAL,
    MAX_CLOCK_DRIFT,
    MAX_JUMPS,
    MAX_SPEED_MPS,
    ONLINE,
    RECORD_LOOKUP_INTERVAL,
    DriverAvailability,
    Position,
)

DRIVER_TTL_S = 3600
"""A driver who has not reported for so long is removed."""

_UPSERT_PROFILE = """
local known = redis.call('HGET', KEYS[1], 'version')
if known and tonumber(known) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'status', ARGV[3], 'load', ARGV[4], 'load_cap', ARGV[5],
           'rating', ARGV[6], 'acceptance', ARGV[7])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
"""Stores a driver's availability, unless a later version is there."""

_RECORD = """
local known = redis.call('HMGET', KEYS[1], 'status', 'recorded_at', 'lat', 'lng', 'region',
                         'load', 'load_cap', 'looked_up_at',
                         'located_at', 'clock_received_at', 'clock_recorded_at',
                         'jumps', 'jump_lat', 'jump_lng', 'jump_at')
if not known[1] then return false end
local recorded, received = tonumber(ARGV[1]), tonumber(ARGV[6])
local located, elapsed, in_step = received, nil, false
if known[10] then
  elapsed = received - tonumber(known[10])
  local drift = math.abs(recorded - tonumber(known[11]) - elapsed)
  in_step = elapsed >= tonumber(ARGV[7]) and drift <= tonumber(ARGV[8])
end
if known[2] and known[9] and not in_step then
  local later = recorded - tonumber(known[2])
  located = later > 0 and math.min(received, tonumber(known[9]) + later)
end
local function is_jump(lat, lng, at)
  local a, b = math.rad(tonumber(lat)), math.rad(tonumber(ARGV[2]))
  local d_lat, d_lng = b - a, math.rad(tonumber(ARGV[3]) - tonumber(lng))
  local h = math.sin(d_lat / 2) ^ 2 + math.cos(a) * math.cos(b) * math.sin(d_lng / 2) ^ 2
  local metres = 2 * tonumber(ARGV[9]) * math.asin(math.min(1, math.sqrt(h)))
  return metres > tonumber(ARGV[10]) * math.max(1, (located - tonumber(at)) / 1000)
end
local jump = false
if located and known[3] and known[9] and is_jump(known[3], known[4], known[9]) then
  local jumps = tonumber(known[12] or '0') + 1
  local confirmed = known[15] and located > tonumber(known[15])
                    and not is_jump(known[13], known[14], known[15])
  jump = jumps <= tonumber(ARGV[11]) and not confirmed
  if jump then
    redis.call('HSET', KEYS[1], 'jumps', jumps, 'jump_lat', ARGV[2], 'jump_lng', ARGV[3],
               'jump_at', string.format('%.0f', located))
  end
end
if located and not jump then
  redis.call('HSET', KEYS[1], 'recorded_at', ARGV[1], 'lat', ARGV[2], 'lng', ARGV[3], 'region', ARGV[4],
             'located_at', string.format('%.0f', located))
  if known[12] then redis.call('HDEL', KEYS[1], 'jumps', 'jump_lat', 'jump_lng', 'jump_at') end
end
if not elapsed or elapsed >= tonumber(ARGV[7]) then
  redis.call('HSET', KEYS[1], 'clock_received_at', ARGV[6], 'clock_recorded_at', ARGV[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {known[1], known[2], known[3], known[4], known[5], (located and not jump) and 1 or 0,
        known[6], known[7], known[8], jump and 1 or 0}
"""
"""Moves a known driver by the rule of `shared.tracking.ports.Positions.record`; returns what was known
before, whether the driver was moved, and whether the position was ignored as a jump."""

_CLAIM_LOOKUP = """
local known = redis.call('HMGET', KEYS[1], 'status', 'looked_up_at')
if not known[1] then return 0 end
if known[2] and math.abs(tonumber(ARGV[1]) - tonumber(known[2])) < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'looked_up_at', ARGV[1])
return 1
"""
"""Lets one of all concurrent callers look up a known driver, by `shared.tracking.domain.is_lookup_due`."""

_UPSERT_POSITION = """
local known = redis.call('HMGET', KEYS[1], 'status', 'recorded_at', 'lat', 'lng', 'region')
redis.call('HSET', KEYS[1], 'lat', ARGV[1], 'lng', ARGV[2], 'region', ARGV[3], 'located_at', ARGV[5])
redis.call('HDEL', KEYS[1], 'recorded_at', 'clock_received_at', 'clock_recorded_at',
           'jumps', 'jump_lat', 'jump_lng', 'jump_at')
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {known[1], known[2], known[3], known[4], known[5], 1, false, false, false}
"""
"""Stores a driver's position at the server's time, and forgets the times of the device."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a script knew of a driver before it stored a position, and whether it moved the driver.

    The fields are as Redis stores them; `status` is None for an unknown driver.
    """

    status: str | None = None
    recorded_at: str | None = None
    lat: str | None = None
    lng: str | None = None
    region: str | None = None
    moved: int = 0
    load: str | None = None
    load_cap: str | None = None
    looked_up_at: str | None = None
    jump: int = 0


def geo_key(cell: str) -> str:
    """Return the key of a region's GEO set."""
    return f"geo:{{{cell}}}"


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


def _milliseconds(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))


def add_profile(pipe: Pipeline, availability: DriverAvailability) -> None:
    """Add the command that stores a driver's availability, unless a later version is there."""
    pipe.eval(
        _UPSERT_PROFILE,
        1,
        driver_key(availability.driver_id),
        str(availability.version),
        str(DRIVER_TTL_S),
        str(availability.status),
        str(availability.load),
        str(availability.load_cap),
        repr(availability.rating),
        repr(availability.acceptance),
    )


def add_report(pipe: Pipeline, driver_id: str, position: Position, received_at: datetime) -> str:
    """Add the commands that record a reported position; return its region.

    They answer what `move_of` reads, and then the GEOADD; `correct_sets` undoes the GEOADD where the
    driver was not moved.
    """
    cell = region(position.point)
    lat, lng = position.point.lat, position.point.lng
    where = (str(to_ms(position.recorded_at)), repr(lat), repr(lng), cell, str(DRIVER_TTL_S))
    rule = (str(to_ms(received_at)), _milliseconds(CLOCK_COMPARE_INTERVAL), _milliseconds(MAX_CLOCK_DRIFT))
    jumps = (repr(EARTH_RADIUS_M), repr(MAX_SPEED_MPS), str(MAX_JUMPS))
    pipe.eval(_RECORD, 1, driver_key(driver_id), *where, *rule, *jumps)
    pipe.geoadd(geo_key(cell), (lng, lat, driver_id))
    return cell


def add_position(pipe: Pipeline, driver_id: str, point: Point, now: datetime) -> str:
    """Add the commands that store a driver's position at the server's time; answers as `add_report`."""
    cell = region(point)
    where = (repr(point.lat), repr(point.lng), cell, str(DRIVER_TTL_S), str(to_ms(now)))
    pipe.eval(_UPSERT_POSITION, 1, driver_key(driver_id), *where)
    pipe.geoadd(geo_key(cell), (point.lng, point.lat, driver_id))
    return cell


def move_of(reply: Sequence[Any] | None) -> Move:
    """Return the answer of a script that stores a position."""
    return Move(*reply) if reply else Move()


async def correct_sets(client: Redis, driver_id: str, cell: str, move: Move) -> None:
    """Remove the driver from the GEO sets of regions where they are not, or may not be found."""
    pipe = client.pipeline(transaction=False)
    if move.status != ONLINE:
        pipe.zrem(geo_key(cell), driver_id)
    elif not move.moved and move.region:
        if move.region != cell:
            pipe.zrem(geo_key(cell), driver_id)
        pipe.geoadd(geo_key(move.region), (float(move.lng or 0), float(move.lat or 0), driver_id))
    if move.region and move.region != cell and move.moved:
        pipe.zrem(geo_key(move.region), driver_id)
    if len(pipe):
        await pipe.execute()


async def claim_lookup(client: Redis, driver_id: str, now: datetime) -> bool:
    """Return whether the caller may look the driver up now; other callers get False for a while."""
    key, interval = driver_key(driver_id), _milliseconds(RECORD_LOOKUP_INTERVAL)
    return bool(await client.eval(_CLAIM_LOOKUP, 1, key, str(to_ms(now)), interval))
