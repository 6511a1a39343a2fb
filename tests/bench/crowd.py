"""30,000 seeded drivers on 30 x 30 km, and who of them is nearest as brute force finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import cos, radians, sin
from random import Random

from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.geo import Point, distance_m
from shared.kernel.vehicle import Vehicle

DRIVERS = 30_000
BUSY_SHARE = 0.3
"""Drivers who are online at their load cap: they are in the index and get no offer."""

SOUTH, NORTH = 12.8366, 13.1064
WEST, EAST = 77.4561, 77.7331
"""30 x 30 km around Bengaluru."""

Located = tuple[Driver, Point]


@dataclass(frozen=True, slots=True)
class Crowd:
    """All drivers in the index, and the positions of the available ones on the unit sphere."""

    drivers: Sequence[Located]
    available: Sequence[Located]
    vectors: Sequence[tuple[float, float, float]]

    def nearest(self, point: Point, wanted: int) -> list[str]:
        """Return the ids of the nearest available, by looking at every single one.

        Chords order as arcs do; a few more than wanted are measured as the domain measures.
        """
        x, y, z = _vector(point)
        chords = [(a - x) * (a - x) + (b - y) * (b - y) + (c - z) * (c - z) for a, b, c in self.vectors]
        few = nsmallest(wanted + 5, range(len(chords)), key=chords.__getitem__)
        found = [(distance_m(self.available[n][1], point), self.available[n][0].id) for n in few]
        return [driver_id for _, driver_id in sorted(found)[:wanted]]


def crowd(seed: int = 1) -> Crowd:
    """Return the same people for the same seed."""
    random = Random(seed)
    drivers = [(_driver(number, random), random_point(random)) for number in range(DRIVERS)]
    free = [(driver, point) for driver, point in drivers if driver.can_take_order()]
    return Crowd(drivers, free, [_vector(point) for _, point in free])


def random_point(random: Random) -> Point:
    """Return a point of the area."""
    return Point(random.uniform(SOUTH, NORTH), random.uniform(WEST, EAST))


def _driver(number: int, random: Random) -> Driver:
    orders = ("ord_1", "ord_2") if random.random() < BUSY_SHARE else ()
    return Driver(
        f"driver-{number:05}",
        "Asha",
        Vehicle.SCOOTER,
        approved=True,
        status=DriverStatus.ONLINE,
        active_orders=orders,
        version=1,
    )


def _vector(point: Point) -> tuple[float, float, float]:
    lat, lng = radians(point.lat), radians(point.lng)
    return cos(lat) * cos(lng), cos(lat) * sin(lng), sin(lat)
