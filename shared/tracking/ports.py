"""What tracking needs from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.tracking.domain import Fix, Standing


@dataclass(frozen=True, slots=True)
class Seen:
    """The driver is known; `before` is where they were seen last, if anywhere.

    `doubted`: where they are, a search has found nobody, and the map takes them for one who cannot be
    asked. It may have fallen back to what was once true, so that their record is to be read; this is
    said once in `LOOKED_UP_APART`, to one of all who report for them.
    """

    before: Fix | None
    doubted: bool = False


class Positions(Protocol):
    """The map: one position per driver, quick to write, lost without harm.

    Every method raises `Unavailable` when the map does not answer in time.
    """

    async def record(self, driver_id: str, latest: Fix, received_at: datetime) -> Seen | None:
        """Move the driver to `latest`, as of when `domain.taken_at` says; return what was known before.

        None when the map does not know the driver: then nothing was recorded.
        """
        ...

    async def introduce(self, standing: Standing) -> None:
        """Tell the map how a driver stands; what it knows of a later version stays."""
        ...


class DriverRecords(Protocol):
    """The drivers' records; read only when the map has lost one, or is doubted."""

    async def standing(self, driver_id: str) -> Standing | None:
        """Return how a driver stands, or None for someone who is no driver."""
        ...
