"""The scheduler's routes."""

from __future__ import annotations

from functions.orders_cron import wiring
from functions.orders_cron.schemas import SweptView, TurnedView
from shared.edge.app import api_router
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id
from shared.orders.recurrences.usecases.place_occurrences import place_turns
from shared.orders.usecases.sweep_orders import sweep_orders

router = api_router()


@router.post("/cron/sweep-orders")
async def minute() -> SweptView:
    """End what is overdue, and begin what was for later."""
    return SweptView.model_validate(await sweep_orders(orders=wiring.orders(), now=utc_now()))


@router.post("/cron/place-turns")
async def turns() -> TurnedView:
    """Place the orders of recurring orders whose turn comes."""
    turned = await place_turns(shops=wiring.shops(), now=utc_now(), new_id=new_id)
    return TurnedView.model_validate(turned)
