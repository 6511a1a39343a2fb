"""The request model of `tracking_api`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.edge.schemas import Coordinates, Moment, RequestModel
from shared.kernel.geo import Point
from shared.tracking.domain import Position

MAX_POINTS = 100

_Finite = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=False)]


class PointBody(Coordinates):
    """One position of a receiver: `accuracy` in metres, `speed` in m/s, `heading` in degrees from north."""

    at: Moment
    accuracy: Annotated[_Finite, Field(le=100_000)] | None = None
    speed: Annotated[_Finite, Field(le=1_000)] | None = None
    heading: Annotated[_Finite, Field(le=360)] | None = None

    def position(self) -> Position:
        """Return the position of the domain."""
        return Position(Point(self.lat, self.lng), self.at, self.accuracy, self.speed, self.heading)


class LocationRequest(RequestModel):
    """A batch of positions, in any order."""

    points: Annotated[list[PointBody], Field(min_length=1, max_length=MAX_POINTS)]


LOCATION: TypeAdapter[LocationRequest] = TypeAdapter(LocationRequest)
