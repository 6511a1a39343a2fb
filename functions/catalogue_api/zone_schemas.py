"""Requests and responses about service zones, in GeoJSON (RFC 7946)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.catalogue.geometry import MAX_CORNERS, MAX_RINGS
from shared.catalogue.zones import Zone
from shared.edge.reported import MEASURED, Latitude, Longitude
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import Name

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False), MEASURED]
Position = Annotated[list[Degrees], Field(min_length=2, max_length=2)]
"""Longitude and latitude, in this order."""


class PolygonRequest(RequestModel):
    """A GeoJSON Polygon: the exterior ring, then the holes. The last position of a ring equals the first."""

    type: Literal["Polygon"]
    coordinates: Annotated[
        list[Annotated[list[Position], Field(min_length=4, max_length=MAX_CORNERS)]],
        Field(min_length=1, max_length=MAX_RINGS),
    ]


class ZoneRequest(RequestModel):
    """An area in which orders are delivered."""

    name: Name
    geometry: PolygonRequest


class PolygonView(ResponseModel):
    """A GeoJSON Polygon."""

    type: Literal["Polygon"]
    coordinates: list[list[tuple[Longitude, Latitude]]]


class ZoneView(ResponseModel):
    """A service zone. Orders are delivered in it while it is `active`."""

    id: str
    name: str
    geometry: PolygonView
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, zone: Zone) -> ZoneView:
        """Return the view of a zone."""
        fields: dict[str, Any] = {"id": zone.id, "name": zone.name, "geometry": zone.polygon}
        return cls.model_validate({**fields, "active": zone.active, "created_at": zone.created_at})


class ZonePage(ResponseModel):
    """A page of zones, newest first. The last page has an empty `next_page_token`."""

    zones: list[ZoneView]
    next_page_token: str


class ZoneName(ResponseModel):
    """A zone without its geometry."""

    id: str
    name: str


class ServingView(ResponseModel):
    """Whether orders are delivered at a point, and the zones that cover it."""

    served: bool
    zones: list[ZoneName]

    @classmethod
    def of(cls, served: bool, zones: Sequence[Zone]) -> ServingView:
        """Return the view of an answer."""
        return cls(served=served, zones=[ZoneName.model_validate(zone) for zone in zones])
