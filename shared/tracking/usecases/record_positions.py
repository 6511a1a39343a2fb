"""Record the positions that a driver reports."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Unavailable
from shared.tracking.domain import DriverNotRegistered, Position
from shared.tracking.ports import DriverRecords, Positions, PositionUpdate
from shared.tracking.reports import LeftOut, PositionFault, Report, left_out, sort_out

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordPositions:
    """A batch of one driver's reports, in any order."""

    driver_id: str
    reports: Sequence[Report]


@dataclass(frozen=True, slots=True)
class RecordResult:
    """How many positions were accepted, and which were left out and why."""

    accepted: int
    left_out: Sequence[LeftOut] = ()


async def record_positions(
    command: RecordPositions, *, positions: Positions, drivers: DriverRecords, now: datetime
) -> RecordResult:
    """Store the newest position that can be used; a position older than the stored one changes nothing.

    A position that cannot be used is left out, whatever else is in the batch; when none can, the last good
    one stays. Reads the driver's record only when the index has lost the driver, or may be wrong about them
    while an order waits nearby. Raises `DriverNotRegistered`, or `Unavailable` when the index does not
    answer.
    """
    found = sort_out(command.reports, now)
    ignored = list(found.left_out)
    if found.newest is not None:
        update = await _record(command.driver_id, found.newest, positions, drivers, now)
        if update.jump:
            ignored.append(left_out(found.index, "", PositionFault.JUMP))
    if ignored:
        _log(ignored, len(command.reports))
    return RecordResult(len(command.reports) - len(ignored), tuple(ignored))


async def _record(
    uid: str, newest: Position, positions: Positions, drivers: DriverRecords, now: datetime
) -> PositionUpdate:
    update = await positions.record(uid, newest, now)
    if update is None:
        return await _restore(uid, newest, positions, drivers, now)
    if update.suspect and not update.jump:
        await _refresh_availability(uid, newest, positions, drivers, now)
    return update


def _log(ignored: Sequence[LeftOut], count: int) -> None:
    """Log how many positions of a batch were left out, and the reason of most of them."""
    reason, _ = Counter(one.fault for one in ignored).most_common(1)[0]
    log.warning("positions_left_out", extra={"flagged": len(ignored), "count": count, "code": reason})


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
