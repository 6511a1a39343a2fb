"""Archive a service zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.ports import ZoneStore
from shared.catalogue.zones import Zone, archive


@dataclass(frozen=True, slots=True)
class ArchiveZone:
    """`by` is the admin."""

    zone_id: str
    by: str


async def archive_zone(command: ArchiveZone, *, zones: ZoneStore, now: datetime) -> Zone:
    """Store the zone as archived and return it. Quotes from before stay valid. Raises `ZoneNotFound`."""
    return await zones.change(command.zone_id, lambda stored: archive(stored, command.by, now))
