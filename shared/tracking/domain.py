"""The rules about positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from shared.kernel.errors import FieldError, Forbidden, Invalid
from shared.kernel.geo import Point, distance_m

MAX_AHEAD = timedelta(days=1)
"""How far a phone's clock may be ahead of ours: a wrong time zone is no reason to be without work."""

MAX_AGE = timedelta(days=1)
"""How far a position may lie back: by a phone's clock that is behind, or kept while there was no network."""

CLOCK_COMPARE_INTERVAL = timedelta(seconds=10)
"""Two reports so far apart tell whether a phone's clock moves with ours."""

MAX_CLOCK_DRIFT = timedelta(seconds=5)
"""How much longer the way of one report may take than that of another."""

RECORD_LOOKUP_INTERVAL = timedelta(seconds=30)
"""How often the record of a driver whom the map takes for unavailable is read, at most."""

MAX_SPEED_MPS = 70.0
"""Nobody delivers faster (252 km/h): such a move is a spoofed or broken position."""

ONLINE = "online"
"""The status of a driver who takes orders."""

MAX_LATITUDE = 85.0
"""The map ends short of the poles, as Web Mercator does."""


class DriverNotRegistered(Forbidden):
    """Only drivers report where they are."""

    code = "DRIVER_NOT_REGISTERED"
    detail = "Only drivers report where they are."


class PointFromTheFuture(Invalid):
    """A position lies more than a day ahead; check the clock of your device."""

    code = "POINT_FROM_THE_FUTURE"
    detail = "A position lies more than a day ahead; check the clock of your device."


class PointTooOld(Invalid):
    """A position is more than a day old."""

    code = "POINT_TOO_OLD"
    detail = "A position is more than a day old."


class PointOffTheMap(Invalid):
    """A position lies where nobody delivers."""

    code = "POINT_OFF_THE_MAP"
    detail = "A position lies where nobody delivers."


@dataclass(frozen=True, slots=True)
class Position:
    """Where a driver was, and when; accuracy in metres, speed in m/s, heading in degrees from north."""

    point: Point
    at: datetime
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None


@dataclass(frozen=True, slots=True)
class LastPosition:
    """The last known fix of a driver, and when it was taken by our own clock.

    `clock_recorded_at` and `clock_received_at` are one moment by the phone's clock and by ours.
    """

    fix: Position
    located_at: datetime
    clock_recorded_at: datetime
    clock_received_at: datetime


@dataclass(frozen=True, slots=True)
class DriverAvailability:
    """How a driver stands, as their record has it; the map needs it to be of use to dispatch."""

    driver_id: str
    status: str
    load: int
    load_cap: int
    rating: float
    acceptance: float
    version: int

    @property
    def can_take_order(self) -> bool:
        """Say whether the driver may be asked to carry one more order."""
        return self.status == ONLINE and self.load < self.load_cap


def check(fixes: Sequence[Position], now: datetime) -> None:
    """Refuse a batch with impossible positions; names each of them.

    Raises `PointFromTheFuture`, `PointTooOld` or `PointOffTheMap`.
    """
    future = [n for n, fix in enumerate(fixes) if fix.at - now > MAX_AHEAD]
    if future:
        raise PointFromTheFuture(errors=_faults(future, "at", "lies more than a day ahead"))
    old = [n for n, fix in enumerate(fixes) if now - fix.at > MAX_AGE]
    if old:
        raise PointTooOld(errors=_faults(old, "at", "lies more than a day back"))
    beyond = [n for n, fix in enumerate(fixes) if abs(fix.point.lat) > MAX_LATITUDE]
    if beyond:
        raise PointOffTheMap(errors=_faults(beyond, "lat", "lies too near to a pole"))


def located_at(latest: Position, received_at: datetime, known: LastPosition | None) -> datetime | None:
    """Return when a fix was taken by our own clock, or None when a later one is known.

    A phone's clock may be wrong by hours and may be set anew, so that its times are compared with its
    own earlier times alone:

    - The first fix of a driver is taken for new; going online begins anew.
    - When the phone's clock has moved on as far as ours since the report that is remembered, the fix is
      new, whatever its time says. So a clock that is set back costs no more than a few reports.
    - Otherwise, a fix that is no later than the known one is an old one and moves nobody.
    - Otherwise, it was taken as long after the known one as the phone says, and not after now: what a
      phone brings that was out of reach is as old as it is, and puts nobody back on the map for it.
    """
    if known is None:
        return received_at
    apart = received_at - known.clock_received_at
    if (
        apart >= CLOCK_COMPARE_INTERVAL
        and abs(latest.at - known.clock_recorded_at - apart) <= MAX_CLOCK_DRIFT
    ):
        return received_at
    if latest.at <= known.fix.at:
        return None
    return min(received_at, known.located_at + (latest.at - known.fix.at))


def newest(fixes: Sequence[Position]) -> Position:
    """Return the fix with the latest time; of equal ones the last."""
    return max(reversed(fixes), key=lambda fix: fix.at)


def impossible_jumps(before: Position | None, fixes: Sequence[Position]) -> int:
    """Count the moves faster than `MAX_SPEED_MPS` along the fixes in order of time.

    Moves within a second are taken as one second, so that the scatter of a receiver is no jump.
    """
    later = [fix for fix in fixes if before is None or fix.at > before.at]
    track = ([before] if before else []) + sorted(later, key=lambda fix: fix.at)
    return sum(_speed(a, b) > MAX_SPEED_MPS for a, b in pairwise(track))


def _speed(a: Position, b: Position) -> float:
    return distance_m(a.point, b.point) / max(1.0, (b.at - a.at).total_seconds())


def _faults(indexes: Sequence[int], field: str, message: str) -> tuple[FieldError, ...]:
    return tuple(FieldError(f"/points/{n}/{field}", message) for n in indexes[:50])
