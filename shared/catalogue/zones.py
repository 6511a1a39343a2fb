"""Service zones: the areas in which Waybill delivers. Admins create and archive them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.kernel.errors import Invalid, NotFound

MAX_CORNERS = 2_000
MAX_RINGS = 50

Ring = Sequence[Sequence[float]]
"""Corners as (longitude, latitude) in degrees, the last one equal to the first."""


class ZoneNotFound(NotFound):
    """There is no such zone."""

    code = "ZONE_NOT_FOUND"
    detail = "There is no such zone. Check the zone id."


class ZoneInvalid(Invalid):
    """The polygon is not valid as a zone."""

    code = "ZONE_INVALID"
    detail = "The polygon is not valid as a zone. Correct the fields that `errors` names."


class ZoneDoubt(StrEnum):
    """What may be wrong with a zone; the values are public."""

    AXES_SWAPPED = "ZONE_AXES_SWAPPED"
    FAR_FROM_SHOPS = "ZONE_FAR_FROM_SHOPS"


DOUBTS: Mapping[ZoneDoubt, str] = {
    ZoneDoubt.AXES_SWAPPED: (
        "Longitude and latitude seem to be swapped: exchanged, they are near shops, or not in polar regions."
        " GeoJSON has the longitude first. Archive the zone and create it again."
    ),
    ZoneDoubt.FAR_FROM_SHOPS: "There is no shop near this zone. Check its coordinates.",
}
POLAR_DEGREES = 66.5


def doubts_of(
    latitude: float, longitude: float, *, near_shops: bool, swapped_near_shops: bool
) -> list[ZoneDoubt]:
    """Return what may be wrong with a zone around a point, by the shops near it and near it swapped."""
    polar = abs(latitude) > POLAR_DEGREES >= abs(longitude)
    if near_shops:
        return []
    return [ZoneDoubt.AXES_SWAPPED if swapped_near_shops or polar else ZoneDoubt.FAR_FROM_SHOPS]


@dataclass(frozen=True, slots=True)
class Zone:
    """An area in which orders are delivered.

    `geometry` is a GeoJSON Polygon as text, because Firestore stores no nested lists. `cells` are the H3
    cells that the polygon can touch.
    """

    id: str
    name: str
    geometry: str
    cells: tuple[str, ...]
    created_by: str
    created_at: datetime
    active: bool = True
    archived_by: str = ""
    archived_at: datetime | None = None

    @property
    def polygon(self) -> dict[str, Any]:
        """The geometry as a GeoJSON object."""
        polygon: dict[str, Any] = json.loads(self.geometry)
        return polygon


def archive(zone: Zone | None, by: str, at: datetime) -> Zone:
    """Return the zone without service. To archive it twice changes nothing. Raises `ZoneNotFound`."""
    if zone is None:
        raise ZoneNotFound
    return replace(zone, active=False, archived_by=by, archived_at=at) if zone.active else zone
