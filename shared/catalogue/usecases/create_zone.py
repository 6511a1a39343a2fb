"""Create a service zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.geometry import Ring, new_zone
from shared.catalogue.ports import ZoneStore
from shared.catalogue.zones import Zone
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId


@dataclass(frozen=True, slots=True)
class CreateZone:
    """`rings` are the exterior ring, then the holes; `by` is the admin."""

    by: str
    name: str
    rings: Sequence[Ring]


async def create_zone(
    command: CreateZone,
    *,
    zones: ZoneStore,
    ids: NewId,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Zone:
    """Store the zone, which is active at once, and return it. Raises `ZoneInvalid`."""
    zone = new_zone(ids("zon"), command.name, command.rings, command.by, now)
    return await zones.add(zone, idempotency)
