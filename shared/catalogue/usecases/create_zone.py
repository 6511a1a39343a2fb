"""Create a service zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.ports import MerchantStore, ZoneStore
from shared.catalogue.zones import Ring, Zone, ZoneDoubt, doubts_of
from shared.kernel.geo import Point
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId

MAX_LATITUDE = 90.0


@dataclass(frozen=True, slots=True)
class CreateZone:
    """`rings` are the exterior ring, then the holes; `by` is the admin."""

    by: str
    name: str
    rings: Sequence[Ring]


@dataclass(frozen=True, slots=True)
class CreatedZone:
    """A new zone, and what may be wrong with it."""

    zone: Zone
    doubts: Sequence[ZoneDoubt]


async def create_zone(
    command: CreateZone,
    *,
    zones: ZoneStore,
    merchants: MerchantStore,
    ids: NewId,
    now: datetime,
    idempotency: Callable[[Sequence[ZoneDoubt]], IdempotentRequest] | None = None,
) -> CreatedZone:
    """Store the zone, which is active at once, and return it with what may be wrong. Raises `ZoneInvalid`.

    `idempotency` returns the request whose answer names these doubts.
    """
    # Here, because shapely and numpy take long to load, and zones are drawn a few times a year.
    from shared.catalogue.geometry import middle_of, new_zone

    zone = new_zone(ids("zon"), command.name, command.rings, command.by, now)
    doubts = await _doubts(middle_of(command.rings), merchants)
    stored = await zones.add(zone, idempotency(doubts) if idempotency else None)
    return CreatedZone(stored, doubts)


async def _doubts(middle: Point, merchants: MerchantStore) -> Sequence[ZoneDoubt]:
    """Look for shops near the zone and, where there are none, near the place with its axes exchanged."""
    near = await merchants.any_near(middle)
    can_swap = abs(middle.lng) <= MAX_LATITUDE
    swapped = not near and can_swap and await merchants.any_near(Point(middle.lng, middle.lat))
    return doubts_of(middle.lat, middle.lng, near_shops=near, swapped_near_shops=swapped)
