"""What tracking needs from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.tracking.domain import DriverAvailability, Position


@dataclass(frozen=True, slots=True)
class PositionUpdate:
    """The driver is known; `before` is where they were seen last, if anywhere.

    `suspect`: where they are, a search has found nobody, and the map takes them for one who cannot be
    asked. It may have fallen back to what was once true, so that their record is to be read; this is
    said once in `RECORD_LOOKUP_INTERVAL`, to one of all who report for them.
    """

    before: Position | None
    suspect: bool = False


class Positions(Protocol):
    """The map: one position per driver, quick to write, lost without harm.

    Every method raises `Unavailable` when the map does not answer in time.
    """

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        """Move the driver to `latest`, as of when `domain.located_at` says; return what was known before.

        None when the map does not know the driver: then nothing was recorded.
        """
        ...

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        """Tell the map how a driver stands; what it knows of a later version stays."""
        ...


class DriverRecords(Protocol):
    """The drivers' records; read only when the map has lost one, or is suspect."""

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        """Return how a driver stands, or None for someone who is no driver."""
        ...
