"""The scheduler's routes."""

from __future__ import annotations

from functions.dispatch_cron import wiring
from functions.dispatch_cron.schemas import SweptOrdersView, SweptView
from shared.dispatch.usecases.sweep_offers import sweep_offers
from shared.dispatch.usecases.sweep_orders import sweep_orders
from shared.edge.app import api_router
from shared.kernel.clock import utc_now

router = api_router()


@router.post("/cron/sweep-offers")
async def minute() -> SweptView:
    """Expire overdue offers and carry idle searches on."""
    return SweptView.model_validate(await sweep_offers(desk=wiring.desk(), now=utc_now()))


@router.post("/cron/sweep-orders")
async def orders() -> SweptOrdersView:
    """Search for orders of which we never heard, reopen rested searches, let go of what has ended."""
    return SweptOrdersView.model_validate(await sweep_orders(desk=wiring.desk(), now=utc_now()))
