"""The routes that Cloud Scheduler calls."""

from __future__ import annotations

from typing import Annotated

from functions.orders_cron.schemas import PlacedOccurrencesView, SweptView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.provided import PORTS, NewIds
from shared.orders.recurrences.usecases.place_occurrences import place_occurrences
from shared.orders.usecases.sweep_orders import sweep_orders

Ports = Annotated[OrdersPorts, PORTS]

router = api_router()


@router.post("/cron/sweep-orders")
async def minute(ports: Ports) -> SweptView:
    """Expire timeouts, activate scheduled orders and raise SLA reminders."""
    return SweptView.model_validate(await sweep_orders(orders=ports.orders, batch=ports.batch))


@router.post("/cron/place-occurrences")
async def occurrences(ports: Ports, new_id: NewIds) -> PlacedOccurrencesView:
    """Place the orders of the occurrences that are due."""
    result = await place_occurrences(ports=ports.placement, batch=ports.batch, new_id=new_id)
    return PlacedOccurrencesView(
        due=result.seen, placed=result.done, failed=result.failed, finished=result.finished
    )
