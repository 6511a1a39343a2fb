"""What of a device's batch can be used: each position is taken or left out on its own, with a reason.

A phone keeps its positions until they are accepted. A batch that was refused because of one of them would be
sent again for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    faulty = {report.index: fault for report in reports if (fault := _fault(report, now))}
    usable = [report for report in reports if report.index not in faulty]
    track = _track(usable, now)  # mutant: poisoned-batch
    jumps = _jumps_at_the_end([position for position, _ in track])
    kept, lost = track[: len(track) - jumps], track[len(track) - jumps :]
    ignored = [*faulty.values(), *(left_out(index, "", PositionFault.JUMP) for _, index in lost)]
    newest, index = kept[-1] if kept else (None, -1)
    return SortedReports(newest, index, sorted(ignored, key=lambda one: one.index))


def _track(usable: Sequence[Report], now: datetime) -> list[tuple[Position, int]]:
    """Return the positions in order of time, each with its place in the batch; of equal times the last."""
    times = [corrected_time(report.recorded_at, now) for report in usable]
    earliest = min((time for time in times if time), default=now)
    known = [(time or earliest, time is not None, report) for time, report in zip(times, usable, strict=True)]
    ordered = sorted(known, key=lambda one: one[:2])
    return [(_position(report, time), report.index) for time, _, report in ordered]


def _fault(report: Report, now: datetime) -> LeftOut | None:
    """Return why a report cannot be used, or None."""
    found = next(_faults(report, now), None)
    return left_out(report.index, *found) if found else None


def _faults(report: Report, now: datetime) -> Iterator[tuple[str, PositionFault]]:
    if not is_position(report.lat, report.lng):
        yield "lat", PositionFault.UNKNOWN
    if abs(report.lat) > MAX_LATITUDE:
        yield "lat", PositionFault.OFF_THE_MAP
    if report.simulated:  # mutant: simulated-position
        yield "mock", PositionFault.SIMULATED
    if is_too_vague(report.accuracy):
        yield "accuracy", PositionFault.TOO_VAGUE
    time = corrected_time(report.recorded_at, now)
    if time is not None and now - time > MAX_AGE:
        yield "at", PositionFault.TOO_OLD


def _position(report: Report, time: datetime) -> Position:
    accuracy, speed = known_accuracy(report.accuracy), known_speed(report.speed)
    return Position(Point(report.lat, report.lng), time, accuracy, speed, known_course(report.course))


def _jumps_at_the_end(track: Sequence[Position]) -> int:
    """Return how many of the last positions are jumps from the latest that its predecessor confirms.

    Without a confirmed position it is 0: then the index decides, by the position that it has.
    """
    for back in range(len(track) - 1):
        before, position = track[-2 - back], track[-1 - back]
        if before.recorded_at < position.recorded_at and not is_jump(before, position):
            return back
    return 0
