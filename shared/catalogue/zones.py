"""Where Waybill delivers: areas that admins draw and retire."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.kernel.errors import NotFound


class ZoneNotFound(NotFound):
    """There is no such zone."""

    code = "ZONE_NOT_FOUND"
    detail = "There is no such zone."


@dataclass(frozen=True, slots=True)
class Zone:
    """An area in which orders are delivered. `geometry` is a GeoJSON Polygon as text (Firestore holds no
    lists of lists); `cells` are the H3 cells that it can touch."""

    id: str
    name: str
    geometry: str
    cells: tuple[str, ...]
    created_by: str
    created_at: datetime
    active: bool = True
    retired_by: str = ""
    retired_at: datetime | None = None

    @property
    def polygon(self) -> dict[str, Any]:
        """The outline as a GeoJSON object."""
        polygon: dict[str, Any] = json.loads(self.geometry)
        return polygon


def retired(zone: Zone | None, by: str, at: datetime) -> Zone:
    """Return the zone, no longer served; retiring twice changes nothing. Raises `ZoneNotFound`."""
    if zone is None:
        raise ZoneNotFound
    return replace(zone, active=False, retired_by=by, retired_at=at) if zone.active else zone
