"""Service zones: the areas in which Waybill delivers. Admins create and archive them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.kernel.errors import NotFound


class ZoneNotFound(NotFound):
    """There is no such zone."""

    code = "ZONE_NOT_FOUND"
    detail = "There is no such zone. Check the zone id."


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
