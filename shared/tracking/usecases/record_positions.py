"""Record the positions that a driver reports."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.access import AccountDisabled
from shared.kernel.errors import Unavailable
from shared.tracking.domain import DriverNotRegistered, Position, check, impossible_jumps, newest
from shared.tracking.ports import DriverRecords, Positions, PositionUpdate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordPositions:
    """Positions of one driver, in any order."""

    driver_id: str
    positions: Sequence[Position]


@dataclass(frozen=True, slots=True)
class RecordResult:
    """How many positions were accepted, and how many moves between them are impossible."""

    accepted: int
    flagged: int


async def record_positions(
    command: RecordPositions, *, positions: Positions, drivers: DriverRecords, now: datetime
) -> RecordResult:
    """Store the newest position; a position older than the stored one does not move the driver back.

    Reads the driver's record only when the index has lost the driver, or may be wrong about them while an
    order waits nearby. Raises what `check` raises, `DriverNotRegistered`, or `Unavailable` when the index
    does not answer.
    """
    check(command.positions, now)
    latest = newest(command.positions)
    update = await positions.record(command.driver_id, latest, now)
    if update is None:
        update = await _restore(command.driver_id, latest, positions, drivers, now)
    elif update.suspect:
        await _refresh_availability(command.driver_id, latest, positions, drivers, now)
    if update.closed:
        raise AccountDisabled
    flagged = impossible_jumps(update.previous, command.positions)
    if flagged:
        log.warning("impossible_jump", extra={"flagged": flagged, "count": len(command.positions)})
    return RecordResult(len(command.positions), flagged)


async def _restore(
    uid: str, latest: Position, positions: Positions, drivers: DriverRecords, now: datetime
) -> PositionUpdate:
    """Restore a driver that the index has lost, from their record."""
    availability = await drivers.availability(uid)
    if availability is None:
        raise DriverNotRegistered
    await positions.upsert_availability(availability)  # mutant: missing-driver
    update = await positions.record(uid, latest, now)
    if update is None:
        raise Unavailable("The driver location index was cleared at this moment. Send the positions again.")
    return update


async def _refresh_availability(
    uid: str, latest: Position, positions: Positions, drivers: DriverRecords, now: datetime
) -> None:
    """Store the availability that the driver's record has; the report counts, even when this fails.

    The position is recorded again, so that a driver who is available after all enters the searchable set.
    """
    try:
        availability = await drivers.availability(uid)
        if availability is not None:
            await positions.upsert_availability(availability)  # mutant: stale-driver
            await positions.record(uid, latest, now)
    except Unavailable:
        log.warning("driver_lookup_failed")
    except ValueError as error:  # a stored record that cannot be parsed needs an operator
        log.error("driver_lookup_failed", exc_info=error)
