"""An admin ends the service in an area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.ports import ZoneStore
from shared.catalogue.zones import Zone, retired


@dataclass(frozen=True, slots=True)
class RetireZone:
    """Which zone, and who says so."""

    zone_id: str
    by: str


async def retire_zone(command: RetireZone, *, zones: ZoneStore, now: datetime) -> Zone:
    """Store that the zone is served no longer, and return it; quotes that stand stay good.

    Raises `ZoneNotFound`.
    """
    return await zones.change(command.zone_id, lambda stored: retired(stored, command.by, now))
