"""The scheduler's route."""

from __future__ import annotations

from functions.dispatch_cron import wiring
from functions.dispatch_cron.schemas import SweptView
from shared.dispatch.usecases.sweep_offers import sweep_offers
from shared.edge.app import api_router
from shared.kernel.clock import utc_now

router = api_router()


@router.post("/cron/sweep-offers")
async def minute() -> SweptView:
    """Expire overdue offers and carry idle searches on."""
    return SweptView.model_validate(await sweep_offers(desk=wiring.desk(), now=utc_now()))
