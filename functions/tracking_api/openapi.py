"""What `routes.py` serves, told to OpenAPI: a bare route cannot tell of itself. Never served."""

from __future__ import annotations

from functions.tracking_api.schemas import LocationRequest
from shared.edge.app import api_router
from shared.edge.auth import SignedIn
from shared.edge.schemas import ResponseModel

router = api_router("/api/v1", tags=["driver"])


class Recorded(ResponseModel):
    """How many positions were received; older ones than what is known move nobody back."""

    accepted: int


@router.post("/driver/location", status_code=202)
async def report(body: LocationRequest, user: SignedIn) -> Recorded:
    """Take a batch of a driver's positions."""
    raise LookupError
