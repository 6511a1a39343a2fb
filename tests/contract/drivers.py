"""Drivers and points for the contract suites of the driver location index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.adapters.driver_availability import availability_of
from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.geo import Point, region
from shared.kernel.vehicle import Vehicle
from shared.tracking.domain import DriverAvailability

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CENTRE = Point(12.9716, 77.5946)
HALF_MINUTE = timedelta(seconds=30)


def driver(uid: str = "asha", **fields: object) -> Driver:
    known = Driver(uid, "Asha", Vehicle.SCOOTER, approved=True, status=DriverStatus.ONLINE, version=1)
    return replace(known, **fields)  # type: ignore[arg-type]


def availability(of: Driver) -> DriverAvailability:
    return availability_of(of)


def moved(point: Point, north_m: float = 0.0, east_m: float = 0.0) -> Point:
    return Point(point.lat + north_m / 111_195, point.lng + east_m / 108_000)


def border() -> tuple[Point, Point]:
    """Two points 200 m apart in different regions."""
    east = 0.0
    while region(moved(CENTRE, 0, east)) == region(moved(CENTRE, 0, east + 200)):
        east += 100
    return moved(CENTRE, 0, east), moved(CENTRE, 0, east + 200)
