"""Requests and responses about service zones, in GeoJSON (RFC 7946)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from shared.catalogue.zones import DOUBTS, MAX_CORNERS, MAX_RINGS, Zone, ZoneDoubt
from shared.edge.reported import MEASURED, Latitude, Longitude
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import Name

MAX_LONGITUDE = 180.0
Number = Annotated[float, Field(allow_inf_nan=False), MEASURED]


def _without_altitude(position: list[float]) -> list[float]:
    """Return longitude and latitude; RFC 7946 allows an altitude, and readers ignore what comes after it."""
    longitude, latitude = position[:2]
    if not (abs(longitude) <= MAX_LONGITUDE and abs(latitude) <= MAX_LONGITUDE):
        raise ValueError("a position is a longitude and a latitude in degrees, in this order")
    return position[:2]


Position = Annotated[list[Number], Field(min_length=2, max_length=9), AfterValidator(_without_altitude)]
"""Longitude, latitude and possibly an altitude, in this order. The altitude is dropped."""


class PolygonRequest(RequestModel):
    """A GeoJSON Polygon (RFC 7946): the exterior ring, then the holes.

    The last position of a ring equals the first. A `bbox`, altitudes and foreign members are accepted and
    dropped.
    """

    model_config = ConfigDict(extra="ignore")

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


class ZoneWarning(ResponseModel):
    """What may be wrong with a zone that was created all the same."""

    code: str
    message: str


class CreatedZoneView(ZoneView):
    """A new zone, and what may be wrong with it: look before you leave it in service."""

    warnings: list[ZoneWarning]

    @classmethod
    def created(cls, zone: Zone, doubts: Sequence[ZoneDoubt]) -> CreatedZoneView:
        """Return the view of a new zone."""
        warnings = [ZoneWarning(code=doubt.value, message=DOUBTS[doubt]) for doubt in doubts]
        return cls(**ZoneView.of(zone).model_dump(), warnings=warnings)


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
