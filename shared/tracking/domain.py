"""The rules about the positions that drivers report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from shared.kernel.errors import FieldError, Forbidden, Invalid
from shared.kernel.geo import Point, distance_m

MAX_AHEAD = timedelta(days=1)
"""How far a device's clock may be ahead of the server's: a wrong time zone must not exclude a driver."""

MAX_AGE = timedelta(days=1)
"""How old a position may be by the device's clock: that clock may be behind, or the device was offline."""

CLOCK_COMPARE_INTERVAL = timedelta(seconds=10)
"""Two reports at least so far apart show whether the device's clock runs with the server's."""

MAX_CLOCK_DRIFT = timedelta(seconds=5)
"""How much the two clocks may differ over that interval: one report may travel longer than another."""

RECORD_LOOKUP_INTERVAL = timedelta(seconds=30)
"""How often the record of a driver is looked up at most because the index is suspect."""

MAX_SPEED_MPS = 70.0
"""The fastest plausible move (252 km/h); a faster one is a spoofed or broken position."""

ONLINE = "online"
"""The status of a driver who takes orders."""

CLOSED = "closed"
"""The status of a driver whose account is closed: their positions are refused."""

MAX_LATITUDE = 85.0
"""The driver location index ends short of the poles, as Web Mercator does."""


class DriverNotRegistered(Forbidden):
    """The user is not registered as a driver."""

    code = "DRIVER_NOT_REGISTERED"
    detail = "Register as a driver before you report positions."


class PointFromTheFuture(Invalid):
    """A position is more than a day ahead of the server's clock."""

    code = "POINT_FROM_THE_FUTURE"
    detail = "A position is more than a day ahead. Check the clock of your device."


class PointTooOld(Invalid):
    """A position is more than a day old."""

    code = "POINT_TOO_OLD"
    detail = "A position is more than a day old. Send recent positions only."


class PointOffTheMap(Invalid):
    """A position is nearer to a pole than the driver location index reaches."""

    code = "POINT_OFF_THE_MAP"
    detail = "Send latitudes between -85 and 85 degrees."


@dataclass(frozen=True, slots=True)
class Position:
    """A reported position: accuracy in metres, speed in m/s, heading in degrees from north.

    `recorded_at` is the device's time, which may be wrong by hours.
    """

    point: Point
    recorded_at: datetime
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None


@dataclass(frozen=True, slots=True)
class DriverAvailability:
    """The part of a driver's record that the driver location index stores for dispatch."""

    driver_id: str
    status: str
    load: int
    load_cap: int
    rating: float
    acceptance: float
    version: int

    @property
    def can_take_order(self) -> bool:
        """Return whether the driver may get one more order."""
        return can_take_order(self.status, self.load, self.load_cap)


def can_take_order(status: str | None, load: int, load_cap: int) -> bool:
    """Return whether a driver may get one more order."""
    return status == ONLINE and load < load_cap


def is_lookup_due(looked_up_at: datetime | None, now: datetime) -> bool:
    """Return whether the record of a driver who looks unavailable in a suspect region is read again.

    A time far ahead, from a process with a wrong clock, counts as long ago.
    """
    return looked_up_at is None or abs(now - looked_up_at) >= RECORD_LOOKUP_INTERVAL


def check(positions: Sequence[Position], now: datetime) -> None:
    """Refuse a batch with impossible positions; the error names each of them.

    Raises `PointFromTheFuture`, `PointTooOld` or `PointOffTheMap`.
    """
    future = [n for n, position in enumerate(positions) if position.recorded_at - now > MAX_AHEAD]
    if future:
        raise PointFromTheFuture(errors=_errors(future, "at", "is more than a day ahead"))
    old = [n for n, position in enumerate(positions) if now - position.recorded_at > MAX_AGE]
    if old:
        raise PointTooOld(errors=_errors(old, "at", "is more than a day old"))
    beyond = [n for n, position in enumerate(positions) if abs(position.point.lat) > MAX_LATITUDE]
    if beyond:
        raise PointOffTheMap(errors=_errors(beyond, "lat", "is too close to a pole"))


def newest(positions: Sequence[Position]) -> Position:
    """Return the position with the latest time; of equal ones the last."""
    return max(reversed(positions), key=lambda position: position.recorded_at)


def impossible_jumps(previous: Position | None, positions: Sequence[Position]) -> int:
    """Count the moves faster than `MAX_SPEED_MPS` along the positions in order of time.

    A move within a second counts as one second, so that the scatter of a receiver is no jump.
    """
    later = [p for p in positions if previous is None or p.recorded_at > previous.recorded_at]
    track = ([previous] if previous else []) + sorted(later, key=lambda position: position.recorded_at)
    return sum(_speed(a, b) > MAX_SPEED_MPS for a, b in pairwise(track))


def _speed(a: Position, b: Position) -> float:
    return distance_m(a.point, b.point) / max(1.0, (b.recorded_at - a.recorded_at).total_seconds())


def _errors(indexes: Sequence[int], field: str, message: str) -> tuple[FieldError, ...]:
    return tuple(FieldError(f"/points/{n}/{field}", message) for n in indexes[:50])
