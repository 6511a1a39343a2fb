"""Describe the bare route of `routes.py` for OpenAPI. This router is never served."""

from __future__ import annotations

from functions.tracking_api.schemas import LocationRequest
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.schemas import ResponseModel

router = api_router("/api/v1", tags=["driver"])


class Recorded(ResponseModel):
    """How many positions were accepted; a position older than the last one does not move the driver back."""

    accepted: int


@router.post("/driver/location", operation_id="reportPositions", status_code=202)
async def report(body: LocationRequest, user: ActiveUser) -> Recorded:
    """Report positions of a driver.

    A batch of up to 100 points in any order. Older points than the last known position change nothing.
    """
    raise LookupError
