"""What devices report: positions and times, in which an unknown value is often sent as a number.

| value | Android `Location` | iOS `CLLocation` | web, plugins, receivers |
| --- | --- | --- | --- |
| no position | 0, 0 | -180, -180; a negative horizontal accuracy | 0, 0; 91, 181; NaN; the number 2^31 - 1 |
| accuracy | 0 without `hasAccuracy` | negative: no valid position | 0; 2^32 - 1 mm; 65 km for a cell |
| speed, course | 0 without `hasSpeed`, `hasBearing` | -1 | null, NaN, -1; courses of 360, 511 and 655.35 |
| altitude | 0 without `hasAltitude` | any, with an accuracy of -1 or 0 | null |
| time | 0 | the device's clock | 0 or -1; 1,024 weeks back, once or twice; seconds read as ms |
| simulated | `isMock` | `isSimulatedBySoftware` | `mock`, `mocked`, `isMocked` |

Unknown is unknown: such a value counts as absent. An accuracy, speed or course that is absent says nothing
against the position; a position that is none, or that software simulates, is not used at all. A course of
0 degrees and a speed of 0 are as likely as others and are kept.

Sources: developer.android.com `Location` and `LocationCompat`; developer.apple.com `CLLocation`; W3C
Geolocation; ITU-R M.1371 (AIS); IS-GPS-200 (the week number has ten bits).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite

NULL_ISLAND_DEGREES = 0.001
"""About 110 m: so near to 0, 0, in the Atlantic, nothing is but positions that are unknown."""

GPS_WEEKS = timedelta(weeks=1_024)
"""A receiver that missed the rollover of the week number is so far back, or twice so far."""

BROKEN_CLOCK = timedelta(days=30)
"""A time so far back is no late report: the clock is broken."""

MAX_AHEAD = timedelta(days=1)
"""How far a clock may be ahead: a wrong time zone is no broken clock."""

MAX_ACCURACY_M = 10_000.0
"""A position that is vaguer than this names a town, not a place: 65 km is the answer of a cell tower."""

MAX_SPEED_MPS = 150.0
MAX_COURSE = 360.0


def is_position(lat: float, lng: float) -> bool:
    """Return whether two numbers are a position on earth, and not a way to say that there is none."""
    if not (isfinite(lat) and isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        return False
    # mutant: null-island
    return not (abs(lat) < NULL_ISLAND_DEGREES and abs(lng) < NULL_ISLAND_DEGREES)


def known_accuracy(metres: float | None) -> float | None:
    """Return an accuracy in metres; None for one that is not known, such as 0."""
    return metres if metres is not None and isfinite(metres) and metres > 0 else None


def is_too_vague(metres: float | None) -> bool:
    """Return whether an accuracy says that the position is not valid (negative) or useless."""
    # mutant: vague-position
    return metres is not None and (metres < 0 or metres > MAX_ACCURACY_M)


def known_speed(mps: float | None) -> float | None:
    """Return a speed in m/s; None for one that is not known, such as -1, or that no vehicle has."""
    return mps if mps is not None and isfinite(mps) and 0 <= mps <= MAX_SPEED_MPS else None


def known_course(degrees: float | None) -> float | None:
    """Return a course in degrees from north, below 360; None for one that is not known, such as -1."""
    if degrees is None or not isfinite(degrees) or not 0 <= degrees <= MAX_COURSE:
        return None
    return degrees % MAX_COURSE


def corrected_time(at: datetime | None, now: datetime) -> datetime | None:
    """Return the time of a report: a whole number of rollovers later, where its receiver missed them.

    None where the device's clock says nothing: without a time, or beyond `BROKEN_CLOCK` and `MAX_AHEAD`.
    """
    if at is None:
        return None
    for rollovers in range(3):
        corrected = _later(at, rollovers)
        # mutant: broken-clock
        if corrected is not None and -BROKEN_CLOCK <= corrected - now <= MAX_AHEAD:
            return corrected
    return None


def _later(at: datetime, rollovers: int) -> datetime | None:
    try:
        return (at + rollovers * GPS_WEEKS if rollovers else at).astimezone(UTC)
    except OverflowError:
        return None
