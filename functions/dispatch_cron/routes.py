"""The scheduler's routes."""

from __future__ import annotations

from typing import Annotated

from functions.dispatch_cron.schemas import SweptOrdersView, SweptView
from shared.composition.dispatch import DispatchPorts
from shared.dispatch.usecases.sweep_offers import sweep_offers
from shared.dispatch.usecases.sweep_orders import sweep_orders
from shared.edge.app import api_router
from shared.edge.provided import PORTS, Now

Ports = Annotated[DispatchPorts, PORTS]

router = api_router()


@router.post("/cron/sweep-offers")
async def minute(ports: Ports, now: Now) -> SweptView:
    """Expire overdue offers and carry idle searches on."""
    return SweptView.model_validate(await sweep_offers(ports=ports, now=now))


@router.post("/cron/sweep-orders")
async def orders(ports: Ports, now: Now) -> SweptOrdersView:
    """Search for orders without a search, reopen searches after their cooldown, release ended orders."""
    return SweptOrdersView.model_validate(await sweep_orders(ports=ports, now=now))
