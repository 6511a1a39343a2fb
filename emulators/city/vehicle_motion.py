"""Moving about town: straight lines at a city's speed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import atan2, cos, degrees, radians

from emulators.city.pace import Pace
from shared.kernel.geo import Point, distance_m

METRES_PER_SECOND = {"bicycle": 4.2, "scooter": 6.9, "car": 6.1}
"""15, 25 and 22 km/h: what Bengaluru's traffic leaves of each."""

KEPT_LEGS = 4


@dataclass(frozen=True, slots=True)
class Leg:
    """A way from one point to another, in real (monotonic) seconds."""

    start: Point
    end: Point
    begun_at: float
    seconds: float

    def at(self, moment: float) -> Point:
        """Return the position at a moment; before and after the leg, its ends."""
        share = (moment - self.begun_at) / self.seconds if self.seconds else 1.0
        share = min(1.0, max(0.0, share))
        lat = self.start.lat + (self.end.lat - self.start.lat) * share
        return Point(lat, self.start.lng + (self.end.lng - self.start.lng) * share)

    @property
    def heading(self) -> float:
        """Degrees from north, clockwise."""
        east = (self.end.lng - self.start.lng) * cos(radians(self.start.lat))
        return degrees(atan2(east, self.end.lat - self.start.lat)) % 360


class Wheels:
    """Where a driver is, at any moment of the recent past."""

    def __init__(self, start: Point, vehicle: str, pace: Pace) -> None:
        self._speed = METRES_PER_SECOND[vehicle]
        self._pace = pace
        self._legs = [Leg(start, start, time.monotonic(), 0.0)]

    def position(self, moment: float | None = None) -> Point:
        """Return the position at a monotonic time, now by default."""
        moment = time.monotonic() if moment is None else moment
        return self.leg(moment).at(moment)

    def leg(self, moment: float) -> Leg:
        """Return the leg of a moment."""
        return next((leg for leg in reversed(self._legs) if leg.begun_at <= moment), self._legs[0])

    def moving(self, moment: float) -> bool:
        """Tell whether the driver was under way at a moment."""
        leg = self.leg(moment)
        return moment < leg.begun_at + leg.seconds

    async def drive(self, to: Point) -> None:
        """Go there; whoever cancels this stops where they are."""
        here = self.position()
        seconds = self._pace.real(distance_m(here, to) / self._speed)
        self._start(Leg(here, to, time.monotonic(), seconds))
        try:
            await self._pace.live(distance_m(here, to) / self._speed)
        finally:
            there = self.position()
            self._start(Leg(there, there, time.monotonic(), 0.0))

    def _start(self, leg: Leg) -> None:
        self._legs = [*self._legs[1 - KEPT_LEGS :], leg]
