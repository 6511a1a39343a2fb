"""The scheduler's routes."""

from __future__ import annotations

from typing import Annotated

from functions.dispatch_cron.schemas import QueueView, SweepOffersView, SweepOrdersView
from shared.composition.dispatch import DispatchPorts
from shared.dispatch.usecases.sweep_drivers import sweep_drivers
from shared.dispatch.usecases.sweep_offers import sweep_offers
from shared.dispatch.usecases.sweep_orders import sweep_orders
from shared.edge.app import api_router
from shared.edge.provided import PORTS

Ports = Annotated[DispatchPorts, PORTS]

router = api_router()


@router.post("/cron/sweep-offers")
async def offers(ports: Ports) -> SweepOffersView:
    """Expire overdue offers and continue idle searches."""
    return SweepOffersView.model_validate(await sweep_offers(ports=ports, batch=ports.batch))


@router.post("/cron/sweep-drivers")
async def assigned(ports: Ports) -> QueueView:
    """Report silent and closed drivers of assigned orders, and search again where one was replaced."""
    return QueueView.model_validate(await sweep_drivers(ports=ports, batch=ports.batch))


@router.post("/cron/sweep-orders")
async def orders(ports: Ports) -> SweepOrdersView:
    """Search for orders without a search, reopen searches after their cooldown, release ended orders."""
    return SweepOrdersView.model_validate(await sweep_orders(ports=ports, batch=ports.batch))
