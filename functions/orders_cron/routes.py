"""The scheduler's routes."""

from __future__ import annotations

from functions.orders_cron import wiring
from functions.orders_cron.schemas import PlacedOccurrencesView, SweptView
from shared.edge.app import api_router
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id
from shared.orders.recurrences.usecases.place_occurrences import place_occurrences
from shared.orders.usecases.sweep_orders import sweep_orders

router = api_router()


@router.post("/cron/sweep-orders")
async def minute() -> SweptView:
    """End what is overdue, and begin what was for later."""
    return SweptView.model_validate(await sweep_orders(orders=wiring.orders(), now=utc_now()))


@router.post("/cron/place-occurrences")
async def occurrences() -> PlacedOccurrencesView:
    """Place the orders of the occurrences that are due."""
    placed = await place_occurrences(ports=wiring.placement(), now=utc_now(), new_id=new_id)
    return PlacedOccurrencesView.model_validate(placed)
