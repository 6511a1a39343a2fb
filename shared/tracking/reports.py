"""What of a device's batch can be used: each position is taken or left out on its own, with a reason.

A phone keeps its positions until they are accepted. A batch that was refused because of one of them would be
sent again for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.geo import Point
from shared.kernel.reported import (
    MAX_ACCURACY_M,
    corrected_time,
    is_position,
    is_too_vague,
    known_accuracy,
    known_course,
    known_speed,
)
from shared.tracking.domain import MAX_LATITUDE, Position, is_jump

MAX_AGE = timedelta(days=1)
"""How old a position may be by the device's clock: that clock may be behind, or the device was offline."""


class PositionFault(StrEnum):
    """Why a position is left out; the values are public."""

    MALFORMED = "POSITION_MALFORMED"
    UNKNOWN = "POSITION_UNKNOWN"
    SIMULATED = "POSITION_SIMULATED"
    TOO_VAGUE = "POSITION_TOO_VAGUE"
    OFF_THE_MAP = "POSITION_OFF_THE_MAP"
    TOO_OLD = "POSITION_TOO_OLD"
    JUMP = "POSITION_JUMP"


MESSAGES = {
    PositionFault.UNKNOWN: "This is what devices send when they know no position.",
    PositionFault.SIMULATED: "The position was made by software.",
    PositionFault.TOO_VAGUE: f"The position is not valid, or vaguer than {MAX_ACCURACY_M:.0f} m.",
    PositionFault.OFF_THE_MAP: f"Latitudes are between -{MAX_LATITUDE:.0f} and {MAX_LATITUDE:.0f} degrees.",
    PositionFault.TOO_OLD: "The position is more than a day old.",
    PositionFault.JUMP: "No vehicle moves so fast. The driver stays at the last plausible position.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One position as the device sent it; `index` is its place in the batch.

    Any number may stand for "unknown" (see `shared.kernel.reported`); `recorded_at` is None without a time.
    """

    index: int
    lat: float
    lng: float
    recorded_at: datetime | None
    accuracy: float | None = None
    speed: float | None = None
    course: float | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A position that was not used: its place in the batch, the faulty field, and why."""

    index: int
    field: str
    fault: PositionFault
    message: str


@dataclass(frozen=True, slots=True)
class SortedReports:
    """The newest position of a batch that can be used, its place in the batch, and what cannot be used."""

    newest: Position | None
    index: int
    left_out: Sequence[LeftOut]


def left_out(index: int, field: str, fault: PositionFault) -> LeftOut:
    """Return a position that was not used, with the message of its fault."""
    return LeftOut(index, field, fault, MESSAGES[fault])


def sort_out(reports: Sequence[Report], now: datetime) -> SortedReports:
    """Return what can be used of a batch, in any order.

    A position whose clock is broken is taken as of `now`, unless others of the batch have a time: then it
    is older than they are, because nothing says when it was. At the end of the batch, positions that no
    vehicle can have reached from the ones before are left out as jumps.
    """
    timed = [(report, corrected_time(report.recorded_at, now)) for report in reports]
    faulty = {one.index: fault for one, time in timed if (fault := _fault(one, time, now))}
    usable = [one for one in timed if one[0].index not in faulty]
    track = _track(usable, now)  # mutant: poisoned-batch
    jumps = _jumps_at_the_end(track)
    kept, lost = track[: len(track) - jumps], track[len(track) - jumps :]
    ignored = [*faulty.values(), *(left_out(report.index, "", PositionFault.JUMP) for _, report in lost)]
    newest, index = (_position(*kept[-1]), kept[-1][1].index) if kept else (None, -1)
    return SortedReports(newest, index, sorted(ignored, key=lambda one: one.index))


def _track(usable: Sequence[tuple[Report, datetime | None]], now: datetime) -> list[tuple[datetime, Report]]:
    """Return the reports in order of time, each behind its time; of equal times the last in the batch."""
    earliest = min((time for _, time in usable if time), default=now)
    known = [(time or earliest, time is not None, report) for report, time in usable]
    ordered = sorted(known, key=lambda one: one[:2])
    return [(time, report) for time, _, report in ordered]


def _fault(report: Report, time: datetime | None, now: datetime) -> LeftOut | None:
    """Return why a report cannot be used, or None; `time` is its corrected time."""
    if not is_position(report.lat, report.lng):
        return left_out(report.index, "lat", PositionFault.UNKNOWN)
    if abs(report.lat) > MAX_LATITUDE:
        return left_out(report.index, "lat", PositionFault.OFF_THE_MAP)
    if report.simulated:  # mutant: simulated-position
        return left_out(report.index, "mock", PositionFault.SIMULATED)
    if is_too_vague(report.accuracy):
        return left_out(report.index, "accuracy", PositionFault.TOO_VAGUE)
    if time is not None and now - time > MAX_AGE:
        return left_out(report.index, "at", PositionFault.TOO_OLD)
    return None


def _position(time: datetime, report: Report) -> Position:
    accuracy, speed = known_accuracy(report.accuracy), known_speed(report.speed)
    return Position(Point(report.lat, report.lng), time, accuracy, speed, known_course(report.course))


def _jumps_at_the_end(track: Sequence[tuple[datetime, Report]]) -> int:
    """Return how many of the last positions are jumps from the latest that its predecessor confirms.

    Without a confirmed position it is 0: then the index decides, by the position that it has.
    """
    for back in range(len(track) - 1):
        before, position = _position(*track[-2 - back]), _position(*track[-1 - back])
        if before.recorded_at < position.recorded_at and not is_jump(before, position):
            return back
    return 0
