"""The map of drivers in Redis: its keys, and the few steps of which dispatch and tracking make theirs.

`geo:{region}`   GEO set of the drivers in one H3 region
`driver:{uid}`   hash: lat, lng, region, seen (ms, when they were there by our clock), at (ms, the same by
                 the phone's clock), clock_received_at and clock_recorded_at (ms, when a report came,
                 by our clock and by the phone's);
                 status, load, cap, rating, acceptance, version; checked (ms, when the record was read
                 last because the map was suspect)
`driver:{uid}:offered`  the offer that the driver is thinking about, gone when its time is over
`geo:{region}:suspect`  there while a search that touches the region has found nobody lately

The braces are part of the keys: a cluster shards by what stands between them. The hash is the truth of
this index; membership in a GEO set only leads to it, is checked against it, and may lag. All of it
may vanish at any moment: positions come back with the next ping, the rest from `drivers/{uid}`. It may
also fall back to an old state, and then take a free driver for a busy one: whoever reports from where it
is suspect is looked up. Who is wrongly taken for free is found out by the first search that asks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.kernel.geo import Point, region
from shared.tracking.domain import (
    CLOCK_COMPARE_INTERVAL,
    MAX_CLOCK_DRIFT,
    ONLINE,
    RECORD_LOOKUP_INTERVAL,
    DriverAvailability,
    Position,
)

KEPT_S = 3600
"""A driver who has not reported for so long is removed."""

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
if not old[1] then return {false, false, false, false, false, 0, false, false, false} end
local stands = redis.call('HMGET', KEYS[1], 'load', 'cap', 'checked')
local times = redis.call('HMGET', KEYS[1], 'seen', 'clock_received_at', 'clock_recorded_at')
local at, now, taken = tonumber(ARGV[1]), tonumber(ARGV[6]), tonumber(ARGV[6])
local apart, aside = nil, 0
if times[2] then
  apart = now - tonumber(times[2])
  aside = math.abs(at - tonumber(times[3]) - apart)
end
if old[2] and times[1] and not (apart and apart >= tonumber(ARGV[7]) and aside <= tonumber(ARGV[8])) then
  local later = at - tonumber(old[2])
  taken = later > 0 and math.min(now, tonumber(times[1]) + later)
end
if taken then
  redis.call('HSET', KEYS[1], 'at', ARGV[1], 'lat', ARGV[2], 'lng', ARGV[3], 'region', ARGV[4],
             'seen', string.format('%.0f', taken))
end
if not apart or apart >= tonumber(ARGV[7]) then
  redis.call('HSET', KEYS[1], 'clock_received_at', ARGV[6], 'clock_recorded_at', ARGV[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
old[6] = taken and 1 or 0
old[7], old[8], old[9] = stands[1], stands[2], stands[3]
return old
"""
"""Moves a known driver as `shared.tracking.domain.located_at` says; returns how and where they were,
whether they were moved, what they carry of how much, and when they were looked up."""

_CHECK = """
local known = redis.call('HMGET', KEYS[1], 'status', 'checked')
if not known[1] then return 0 end
if known[2] and math.abs(tonumber(ARGV[1]) - tonumber(known[2])) < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'checked', ARGV[1])
return 1
"""
"""Lets one of all who ask at once look up a known driver, and nobody else for a while."""

_PLACE = """
local old = redis.call('HMGET', KEYS[1], 'status', 'at', 'lat', 'lng', 'region')
redis.call('HSET', KEYS[1], 'lat', ARGV[1], 'lng', ARGV[2], 'region', ARGV[3], 'seen', ARGV[5])
redis.call('HDEL', KEYS[1], 'at', 'clock_received_at', 'clock_recorded_at')
redis.call('EXPIRE', KEYS[1], ARGV[4])
old[6] = 1
return old
"""
"""Puts a driver where they are by our own clock; what their phone's clock says is to be learnt anew."""


def geo_key(cell: str) -> str:
    """The GEO set of a region."""
    return f"geo:{{{cell}}}"


def driver_key(uid: str) -> str:
    """The hash of a driver."""
    return f"driver:{{{uid}}}"


def outstanding_offer_key(uid: str) -> str:
    """The mark of a driver who is being asked."""
    return f"driver:{{{uid}}}:offered"


def suspect_key(cell: str) -> str:
    """The mark of a region in which somebody waits for a driver."""
    return f"geo:{{{cell}}}:suspect"


def to_ms(at: datetime) -> int:
    """A time as it is stored: whole milliseconds."""
    return round(at.timestamp() * 1000)


def from_ms(ms: str) -> datetime:
    """A stored time."""
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


def _milliseconds(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))


def upsert_profile(pipe: Pipeline, availability: DriverAvailability) -> None:
    """Store how a driver stands, unless a later version is there."""
    pipe.eval(
        _DESCRIBE,
        1,
        driver_key(availability.driver_id),
        str(availability.version),
        str(KEPT_S),
        str(availability.status),
        str(availability.load),
        str(availability.load_cap),
        repr(availability.rating),
        repr(availability.acceptance),
    )


def move(pipe: Pipeline, driver_id: str, fix: Position, received_at: datetime) -> str:
    """Move a known driver and put them into the set of their region, which is returned.

    Answers the former status, time, position and region, whether the driver was moved, their load, its
    cap and when they were looked up, then the GEOADD; `settle` corrects the set where it should not have
    been touched, `may_be_suspect` reads the rest.
    """
    cell = region(fix.point)
    lat, lng = fix.point.lat, fix.point.lng
    rule = (str(to_ms(received_at)), _milliseconds(CLOCK_COMPARE_INTERVAL), _milliseconds(MAX_CLOCK_DRIFT))
    where = (str(to_ms(fix.at)), repr(lat), repr(lng), cell, str(KEPT_S))
    pipe.eval(_MOVE, 1, driver_key(driver_id), *where, *rule)
    pipe.geoadd(geo_key(cell), (lng, lat, driver_id))
    return cell


def place(pipe: Pipeline, driver_id: str, point: Point, now: datetime) -> str:
    """Put a driver where they say to be now; answers as `move` does."""
    cell = region(point)
    where = (repr(point.lat), repr(point.lng), cell, str(KEPT_S), str(to_ms(now)))
    pipe.eval(_PLACE, 1, driver_key(driver_id), *where)
    pipe.geoadd(geo_key(cell), (point.lng, point.lat, driver_id))
    return cell


async def settle(client: Redis, driver_id: str, cell: str, old: Sequence[Any]) -> None:
    """Correct the GEO sets where the driver may not be, or is elsewhere than the pipeline put them."""
    status, _, lat, lng, old_cell, moved = old[:6]
    pipe = client.pipeline(transaction=False)
    if status != ONLINE:
        pipe.zrem(geo_key(cell), driver_id)
    elif not moved and old_cell:
        if old_cell != cell:
            pipe.zrem(geo_key(cell), driver_id)
        pipe.geoadd(geo_key(old_cell), (float(lng), float(lat), driver_id))
    if old_cell and old_cell != cell and moved:
        pipe.zrem(geo_key(old_cell), driver_id)
    if len(pipe):
        await pipe.execute()


def may_be_suspect(moved: Sequence[Any], now: datetime) -> bool:
    """Say of what `move` answered whether it shows a driver who cannot be asked, unchecked for a while."""
    status, load, cap, checked = moved[0], *moved[6:]
    if status == ONLINE and _has_room(load, cap):
        return False
    return checked is None or abs(now - from_ms(checked)) >= RECORD_LOOKUP_INTERVAL


async def check(client: Redis, driver_id: str, now: datetime) -> bool:
    """Say whether it is now for the caller to look the driver up; the next one is told no."""
    key, apart = driver_key(driver_id), _milliseconds(RECORD_LOOKUP_INTERVAL)
    return bool(await client.eval(_CHECK, 1, key, str(to_ms(now)), apart))


def _has_room(load: str | None, cap: str | None) -> bool:
    """Say so only where both make sense."""
    try:
        return int(load or "") < int(cap or "")
    except ValueError:
        return False
