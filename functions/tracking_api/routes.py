"""The one route of `tracking_api`, a bare Starlette route: it runs ten thousand times a second."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.tracking_api.schemas import LocationEnvelope, PointBody, RecordedView, WholeBatch
from shared.composition.tracking import TrackingPorts
from shared.edge.callers import active_user
from shared.edge.errors import RequestInvalid
from shared.edge.ratelimit import POSITIONS, limited
from shared.edge.refusals import refuses
from shared.edge.reported import Batch
from shared.tracking.domain import DriverNotRegistered
from shared.tracking.usecases.record_positions import RecordPositions, record_positions

MAX_BODY = 64 * 1024
"""Bytes; a hundred positions take a third of it."""


@limited(POSITIONS)
@refuses(DriverNotRegistered)
async def report(request: Request) -> Response:
    """Record a batch of a driver's positions."""
    user = await active_user(request)
    now = request.app.state.runtime.clock()
    batch = _whole(await request.body()) or _validated(await request.json())
    recorded = await _record(batch, user.uid, request.app.state.ports, now)
    return Response(to_json(recorded), status_code=202, media_type="application/json")


async def record(content: object, uid: str, ports: TrackingPorts, now: datetime) -> RecordedView:
    """Record what can be used of a batch. Raises `RequestInvalid` if nothing is well-formed."""
    return await _record(_validated(content), uid, ports, now)


async def _record(batch: Batch[PointBody], uid: str, ports: TrackingPorts, now: datetime) -> RecordedView:
    recorded = await record_positions(
        RecordPositions(uid, [point.report(index) for index, point in batch.records.items()]),
        positions=ports.positions,
        drivers=ports.drivers,
        now=now,
    )
    return RecordedView.of(recorded, batch)


def _whole(body: bytes) -> Batch[PointBody] | None:
    """Return the positions of a batch that is well-formed throughout; None for another."""
    try:
        return WholeBatch.model_validate_json(body).batch()
    except ValidationError:
        return None


def _validated(content: object) -> Batch[PointBody]:
    try:
        return LocationEnvelope.model_validate(content).batch()
    except ValidationError as error:
        raise RequestInvalid(error.errors(include_url=False, include_input=False)) from error


routes = [Route("/api/v1/driver/location", report, methods=["POST"], name="reportPositions")]
