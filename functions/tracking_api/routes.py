"""The one route of `tracking_api`, a bare Starlette route: it runs ten thousand times a second."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.tracking_api.schemas import LOCATION, LocationRequest
from shared.composition.tracking import TrackingPorts
from shared.edge.auth import authenticate
from shared.edge.ratelimit import POSITIONS, admit_caller, limited
from shared.edge.refusals import refuses
from shared.tracking.domain import DriverNotRegistered, PointFromTheFuture, PointTooOld
from shared.tracking.usecases.record_positions import RecordPositions, record_positions

MAX_BODY = 64 * 1024
"""Bytes; a hundred positions take a third of it."""


@limited(POSITIONS)
@refuses(DriverNotRegistered, PointFromTheFuture, PointTooOld)
async def report(request: Request) -> Response:
    """Record a batch of a driver's positions."""
    user = await authenticate(request)
    await admit_caller(request, user.uid)
    ports: TrackingPorts = request.app.state.ports
    body = _validated(await request.json())
    recorded = await record_positions(
        RecordPositions(user.uid, [point.position() for point in body.points]),
        positions=ports.positions,
        drivers=ports.drivers,
        now=request.app.state.runtime.clock(),
    )
    return JSONResponse({"accepted": recorded.accepted}, status_code=202)


def _validated(content: object) -> LocationRequest:
    try:
        return LOCATION.validate_python(content)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error


routes = [Route("/api/v1/driver/location", report, methods=["POST"], name="reportPositions")]
