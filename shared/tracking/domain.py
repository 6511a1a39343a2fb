"""The rules about positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from shared.kernel.errors import FieldError, Forbidden, Invalid
from shared.kernel.geo import Point, distance_m

MAX_AHEAD = timedelta(seconds=60)
"""How far a phone's clock may be ahead of ours."""

MAX_AGE = timedelta(days=1)
"""How long a phone without network may keep a position before it is of no more use."""

MAX_SPEED_MPS = 70.0
"""Nobody delivers faster (252 km/h): such a move is a spoofed or broken position."""

MAX_LATITUDE = 85.0
"""The map ends short of the poles, as Web Mercator does."""


class DriverNotRegistered(Forbidden):
    """Only drivers report where they are."""


class PointFromTheFuture(Invalid):
    """A position lies in the future; check the clock of your device."""


class PointTooOld(Invalid):
    """A position is more than a day old."""


class PointOffTheMap(Invalid):
    """A position lies where nobody delivers."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a driver was, and when; accuracy in metres, speed in m/s, heading in degrees from north."""

    point: Point
    at: datetime
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a driver stands, as their record has it; the map needs it to be of use to dispatch."""

    driver_id: str
    status: str
    load: int
    load_cap: int
    rating: float
    acceptance: float
    version: int


def check(fixes: Sequence[Fix], now: datetime) -> None:
    """Refuse a batch with impossible positions; names each of them.

    Raises `PointFromTheFuture`, `PointTooOld` or `PointOffTheMap`.
    """
    future = [n for n, fix in enumerate(fixes) if fix.at - now > MAX_AHEAD]
    if future:
        raise PointFromTheFuture(errors=_faults(future, "at", "lies in the future"))
    old = [n for n, fix in enumerate(fixes) if now - fix.at > MAX_AGE]
    if old:
        raise PointTooOld(errors=_faults(old, "at", "lies more than a day back"))
    beyond = [n for n, fix in enumerate(fixes) if abs(fix.point.lat) > MAX_LATITUDE]
    if beyond:
        raise PointOffTheMap(errors=_faults(beyond, "lat", "lies too near to a pole"))


def newest(fixes: Sequence[Fix]) -> Fix:
    """Return the fix with the latest time; of equal ones the last."""
    return max(reversed(fixes), key=lambda fix: fix.at)


def impossible_jumps(before: Fix | None, fixes: Sequence[Fix]) -> int:
    """Count the moves faster than `MAX_SPEED_MPS` along the fixes in order of time.

    Moves within a second are taken as one second, so that the scatter of a receiver is no jump.
    """
    later = [fix for fix in fixes if before is None or fix.at > before.at]
    track = ([before] if before else []) + sorted(later, key=lambda fix: fix.at)
    return sum(_speed(a, b) > MAX_SPEED_MPS for a, b in pairwise(track))


def _speed(a: Fix, b: Fix) -> float:
    return distance_m(a.point, b.point) / max(1.0, (b.at - a.at).total_seconds())


def _faults(indexes: Sequence[int], field: str, message: str) -> tuple[FieldError, ...]:
    return tuple(FieldError(f"/points/{n}/{field}", message) for n in indexes[:50])
