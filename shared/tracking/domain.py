"""The rules about the positions that drivers report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.errors import Forbidden
from shared.kernel.geo import Point, distance_m

CLOCK_COMPARE_INTERVAL = timedelta(seconds=10)
"""Two reports at least so far apart show whether the device's clock runs with the server's."""

MAX_CLOCK_DRIFT = timedelta(seconds=5)
"""How much the two clocks may differ over that interval: one report may travel longer than another."""

RECORD_LOOKUP_INTERVAL = timedelta(seconds=30)
"""How often the record of a driver is looked up at most because the index is suspect."""

MAX_SPEED_MPS = 70.0
"""The fastest plausible move (252 km/h); a faster one is a jump: a spoofed or broken position."""

MAX_JUMPS = 2
"""So many jumps in a row are ignored; the next one is believed, so that no driver stays at a wrong place."""

ONLINE = "online"
"""The status of a driver who takes orders."""

MAX_LATITUDE = 85.0
"""The driver location index ends short of the poles, as Web Mercator does."""


class DriverNotRegistered(Forbidden):
    """The user is not registered as a driver."""

    code = "DRIVER_NOT_REGISTERED"
    detail = "Register as a driver before you report positions."


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


def is_jump(before: Position, after: Position) -> bool:
    """Return whether no vehicle moves so fast, along two positions in order of time.

    A move within a second counts as one second, so that the scatter of a receiver is no jump.
    """
    seconds = (after.recorded_at - before.recorded_at).total_seconds()
    # mutant: jump-believed
    return distance_m(before.point, after.point) > MAX_SPEED_MPS * max(1.0, seconds)
