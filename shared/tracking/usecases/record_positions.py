"""A driver reports where they are."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Unavailable
from shared.tracking.domain import DriverNotRegistered, Position, check, impossible_jumps, newest
from shared.tracking.ports import DriverRecords, Positions, PositionUpdate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordPositions:
    """One or more fixes of one driver, in any order."""

    driver_id: str
    fixes: Sequence[Position]


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many fixes were taken, and how many moves between them cannot be true."""

    accepted: int
    flagged: int


async def record_positions(
    command: RecordPositions, *, positions: Positions, drivers: DriverRecords, now: datetime
) -> Recorded:
    """Put the driver at their newest fix; fixes older than what the map has do not move them back.

    How fresh a position is follows from when it was received (see `domain.located_at`), and the times of
    the fixes tell their order alone: a phone may think that it is an hour ago.
    Reads the driver's record only when the map has lost them, or may be wrong about them while somebody
    waits for a driver. Raises what `check` raises, `DriverNotRegistered`, or `Unavailable` when the map
    does not answer.
    """
    check(command.fixes, now)
    latest = newest(command.fixes)
    seen = await positions.record(command.driver_id, latest, now)
    if seen is None:
        seen = await _rebuilt(command.driver_id, latest, positions, drivers, now)
    elif seen.suspect:
        await _look_up(command.driver_id, latest, positions, drivers, now)
    flagged = impossible_jumps(seen.before, command.fixes)
    if flagged:
        log.warning("impossible_jump", extra={"flagged": flagged, "count": len(command.fixes)})
    return Recorded(len(command.fixes), flagged)


async def _rebuilt(
    uid: str, latest: Position, positions: Positions, drivers: DriverRecords, now: datetime
) -> PositionUpdate:
    """Put a driver whom the map has lost back onto it, from their record."""
    availability = await drivers.availability(uid)
    if availability is None:
        raise DriverNotRegistered
    await positions.upsert_availability(availability)
    seen = await positions.record(uid, latest, now)
    if seen is None:
        raise Unavailable("The map was cleared at this very moment.")
    return seen


async def _look_up(
    uid: str, latest: Position, positions: Positions, drivers: DriverRecords, now: datetime
) -> None:
    """Let the map learn from the record how a driver stands; the report counts, whatever comes of it.

    They are recorded once more, so that who is free after all stands where dispatch searches.
    """
    try:
        availability = await drivers.availability(uid)
        if availability is not None:
            await positions.upsert_availability(availability)
            await positions.record(uid, latest, now)
    except Unavailable:
        log.warning("driver_not_looked_up")
    except ValueError as error:  # a record that cannot be read: somebody has to look at it
        log.error("driver_not_looked_up", exc_info=error)
