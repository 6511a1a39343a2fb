"""The request and response of `tracking_api`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from shared.edge.models import Moment, RequestModel, ResponseModel
from shared.edge.reported import Batch, DeviceMoment, DeviceNumber, LeftOutView, batch_of
from shared.tracking.reports import LeftOut, PositionFault, Report
from shared.tracking.usecases.record_positions import RecordResult

MAX_POINTS = 100


class PointBody(RequestModel):
    """One position as the device has it: metres, m/s, degrees from north.

    A value that the device does not know may be absent, null, or what its platform sends instead, such as
    -1. `mock` says that software made the position. Altitudes and the accuracies of other values are
    accepted and not used.
    """

    lat: DeviceNumber
    lng: DeviceNumber
    at: DeviceMoment = None
    accuracy: DeviceNumber | None = None
    speed: DeviceNumber | None = None
    heading: DeviceNumber | None = None
    mock: bool | None = None
    altitude: DeviceNumber | None = None
    altitude_accuracy: DeviceNumber | None = None
    speed_accuracy: DeviceNumber | None = None
    heading_accuracy: DeviceNumber | None = None

    def report(self, index: int) -> Report:
        """Return the report of the domain."""
        return Report(
            index,
            self.lat,
            self.lng,
            self.at,
            accuracy=self.accuracy,
            speed=self.speed,
            course=self.heading,
            simulated=bool(self.mock),
        )


class LocationRequest(RequestModel):
    """A batch of positions, in any order."""

    points: Annotated[list[PointBody], Field(min_length=1, max_length=MAX_POINTS)]


class LocationEnvelope(RequestModel):
    """A batch whose positions are still to be read, each on its own."""

    points: Annotated[list[Any], Field(min_length=1, max_length=MAX_POINTS)]

    def batch(self) -> Batch[PointBody]:
        """Return the positions that are well-formed. Raises `RequestInvalid` if none is."""
        return batch_of(self.points, PointBody, "points")


class WholePoint(PointBody):
    """A position whose time is one: what nearly every phone sends."""

    at: Moment | None = None


class WholeBatch(RequestModel):
    """A batch that is well-formed throughout, so that its text can be read in one pass."""

    points: Annotated[list[WholePoint], Field(min_length=1, max_length=MAX_POINTS)]

    def batch(self) -> Batch[PointBody]:
        """Return the positions by their place."""
        return Batch(dict(enumerate(self.points)), ())


class RecordedView(ResponseModel):
    """How many positions were accepted, and which were left out and why; none needs to be sent again."""

    accepted: int
    left_out: list[LeftOutView]

    @classmethod
    def of(cls, recorded: RecordResult, batch: Batch[PointBody]) -> RecordedView:
        """Return the view of a result; malformed positions never reached the use case."""
        malformed = [one.view("points", PositionFault.MALFORMED) for one in batch.malformed]
        ignored = sorted([*map(_view, recorded.left_out), *malformed], key=lambda one: one.index)
        return cls(accepted=recorded.accepted, left_out=ignored)


def _view(one: LeftOut) -> LeftOutView:
    pointer = f"/points/{one.index}" + (f"/{one.field}" if one.field else "")
    return LeftOutView(index=one.index, pointer=pointer, code=one.fault.value, message=one.message)
