"""Move a vehicle in straight lines at city speed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import atan2, cos, degrees, radians

from emulators.city.time_scale import TimeScale
from shared.kernel.geo import Point, distance_m

METRES_PER_SECOND = {"bicycle": 4.2, "scooter": 6.9, "car": 6.1}
"""15, 25 and 22 km/h: typical speeds in Bengaluru's traffic."""

MAX_LEGS = 4


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight way from one point to another; times in real (monotonic) seconds."""

    start: Point
    end: Point
    started_at: float
    seconds: float

    def at(self, moment: float) -> Point:
        """Return the position at a moment; before the leg its start, after it its end."""
        share = (moment - self.started_at) / self.seconds if self.seconds else 1.0
        share = min(1.0, max(0.0, share))
        lat = self.start.lat + (self.end.lat - self.start.lat) * share
        return Point(lat, self.start.lng + (self.end.lng - self.start.lng) * share)

    @property
    def heading(self) -> float:
        """Degrees from north, clockwise."""
        east = (self.end.lng - self.start.lng) * cos(radians(self.start.lat))
        return degrees(atan2(east, self.end.lat - self.start.lat)) % 360


class VehicleMotion:
    """The position of a driver at any moment of the recent past."""

    def __init__(self, start: Point, vehicle: str, time_scale: TimeScale) -> None:
        self._speed = METRES_PER_SECOND[vehicle]
        self._pace = time_scale
        self._legs = [Leg(start, start, time.monotonic(), 0.0)]

    def position(self, moment: float | None = None) -> Point:
        """Return the position at a monotonic time, now by default."""
        moment = time.monotonic() if moment is None else moment
        return self.leg(moment).at(moment)

    def leg(self, moment: float) -> Leg:
        """Return the leg of a moment."""
        return next((leg for leg in reversed(self._legs) if leg.started_at <= moment), self._legs[0])

    def moving(self, moment: float) -> bool:
        """Return whether the driver was moving at a moment."""
        leg = self.leg(moment)
        return moment < leg.started_at + leg.seconds

    async def drive(self, to: Point) -> None:
        """Drive to a point; a cancellation stops the vehicle where it is."""
        here = self.position()
        seconds = self._pace.real(distance_m(here, to) / self._speed)
        self._start(Leg(here, to, time.monotonic(), seconds))
        try:
            await self._pace.sleep(distance_m(here, to) / self._speed)
        finally:
            there = self.position()
            self._start(Leg(there, there, time.monotonic(), 0.0))

    def _start(self, leg: Leg) -> None:
        self._legs = [*self._legs[1 - MAX_LEGS :], leg]
