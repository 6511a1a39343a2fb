"""The rule of `Positions.record` as a table: the script in Redis and the fake must give these answers.

Each case begins with a driver who goes online at NOW. All times are seconds after NOW.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class Report:
    """A position received at `received` by the server's clock, recorded at `recorded` by the device's.

    `located` is when the driver was there by the server's clock; None where the position is ignored.
    """

    received: float
    recorded: float
    located: float | None


@dataclass(frozen=True, slots=True)
class PositionCase:
    """A series of reports."""

    name: str
    reports: tuple[Report, ...]


def case(name: str, *reports: tuple[float, float, float | None]) -> PositionCase:
    return PositionCase(name, tuple(Report(*report) for report in reports))


CASES = (
    case("the first position counts as new", (3, 3, 3)),
    case("the first position counts as new although the device is an hour behind", (3, 3 - HOUR, 3)),
    case("the first position counts as new although the device is half a day ahead", (3, 12 * HOUR, 3)),
    case("a second position within the compare interval is placed after the first", (3, 3, 3), (6, 6, 6)),
    case("a late position is as old as the device says", (0, 0, 0), (600, 120, 120)),
    case("a position is never placed after its receipt", (0, 0, 0), (2, 9, 2)),
    case("an older position is ignored", (0, 0, 0), (0.5, -3, None)),
    case("the same position again is ignored", (0, 0, 0), (300, 0, None)),
    case("a position with the same time soon after is ignored", (0, 0, 0), (3, 0, None)),
    case("an ignored report does not move the compare point within the interval",
         (0, 0, 0), (4, -1, None), (12, 12, 12)),
    case("a report at the compare interval counts as new when the clocks agree",
         (0, 0, 0), (10, 10, 10)),
    case("just before the compare interval the device's time decides",
         (0, 0, 0), (9.999, 5.999, 5.999)),
    case("a drift of exactly the limit counts as new", (0, 0, 0), (20, 15, 20)),
    case("a drift over the limit is placed by the device's time", (0, 0, 0), (20, 14.999, 14.999)),
    case("a drift ahead of exactly the limit counts as new", (0, 0, 0), (20, 25, 20)),
    case("a drift ahead over the limit is placed at its receipt", (0, 0, 0), (20, 25.001, 20)),
    case("a clock that is set back is followed once it runs with the server's",
         (0, 0, 0), (20, 20 - HOUR, None), (32, 32 - HOUR, 32)),
    case("a clock that is set back is not followed within the compare interval",
         (0, 0, 0), (20, 20 - HOUR, None), (29, 29 - HOUR, None), (31, 31 - HOUR, 31)),
    case("a clock that is set ahead is placed at the receipt",
         (0, 0, 0), (3, 3 + HOUR, 3), (15, 15 + HOUR, 15)),
    case("after a late batch the next report counts as new again",
         (0, 0, 0), (600, 120, 120), (601, 600, 600), (612, 612, 601 + 11)),
    case("a gap without network does not age the next position", (0, 0, 0), (900, 900, 900)),
)  # fmt: skip
