"""An admin draws an area in which orders are delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.outlines import Ring, drawn
from shared.catalogue.ports import ZoneStore
from shared.catalogue.zones import Zone
from shared.kernel.ids import NewId
from shared.kernel.once import Once


@dataclass(frozen=True, slots=True)
class DrawZone:
    """Who draws what: the outline first, then its holes."""

    by: str
    name: str
    rings: Sequence[Ring]


async def draw_zone(
    command: DrawZone, *, zones: ZoneStore, ids: NewId, now: datetime, once: Once | None = None
) -> Zone:
    """Store the zone, served from now on, and return it. Raises `ZoneInvalid`."""
    zone = drawn(ids("zon"), command.name, command.rings, command.by, now)
    return await zones.add(zone, once)
