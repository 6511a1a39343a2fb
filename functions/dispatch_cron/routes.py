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
    return SweptView.model_validate(await sweep_offers(ports=wiring.ports(), now=utc_now()))


@router.post("/cron/sweep-orders")
async def orders() -> SweptOrdersView:
    """Search for orders without a search, reopen searches after their cooldown, release ended orders."""
    return SweptOrdersView.model_validate(await sweep_orders(ports=wiring.ports(), now=utc_now()))
