"""The ports of tracking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.tracking.domain import DriverAvailability, Position


@dataclass(frozen=True, slots=True)
class PositionUpdate:
    """The result of recording a position.

    `suspect`: a search found no candidate around the driver, and the index shows the driver as
    unavailable. The index may have fallen back to an old state, so that the driver's record must be read.
    It is true once in `domain.RECORD_LOOKUP_INTERVAL`, for one of all concurrent reports.
    `jump`: the position was ignored as a jump.
    """

    suspect: bool = False
    jump: bool = False


class Positions(Protocol):
    """The driver location index as tracking writes it: one last position per driver.

    It is quick to write and may be lost without harm. Every method raises `Unavailable` when the index
    does not answer in time.
    """

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        """Store the driver's last position.

        None when the index does not have the driver: then nothing was recorded.

        A device's clock may be wrong by hours and may be set during a shift. So its times are compared with
        its own earlier times alone, to find when the driver was there by the server's clock:

        1. The first position of a driver counts as new; going online starts again.
        2. When the device's clock has moved as far as the server's since the remembered report (at least
           `CLOCK_COMPARE_INTERVAL` ago, by at most `MAX_CLOCK_DRIFT`), the position counts as new, whatever
           its time says. So a clock that is set back costs a few reports.
        3. Otherwise a position that is not later than the last one is ignored.
        4. Otherwise the driver was there as long after the last position as the device says, and not after
           `received_at`: a position that the device sends late is as old as it is.
        5. A jump (see `domain.is_jump`, by the server's clock) does not move the driver. It is believed when
           the next report can be reached from it, or when it is the third in a row.

        The adapter holds this rule, because it must be atomic. `tests/contract/position_cases.py` is its
        specification, for Redis and for the fake.
        """
        ...

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        """Store a driver's availability, unless the index has a later version."""
        ...


class DriverRecords(Protocol):
    """The drivers' records; read only when the index has lost a driver or is suspect."""

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        """Return the availability of a driver, or None when the user is no driver."""
        ...
