"""Describe the bare route of `routes.py` for OpenAPI. This router is never served."""

from __future__ import annotations

from functions.tracking_api.schemas import LocationRequest, RecordedView
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser

router = api_router("/api/v1", tags=["driver"])


@router.post("/driver/location", operation_id="reportPositions", status_code=202)
async def report(body: LocationRequest, user: ActiveUser) -> RecordedView:
    """Report positions of a driver.

    A batch of up to 100 points in any order. Each is accepted or left out on its own; `left_out` says why,
    and nothing of the batch needs to be sent again. Older points than the last known position change
    nothing, and when no point can be used, the last good one stays.
    """
    raise LookupError
