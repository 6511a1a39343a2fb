"""The safety net under events: what dispatch was to hear of an order, and perhaps never did.

It looks for the states that lost news leaves behind, which an order in good order passes in a moment:
nothing is read of orders that are well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.dispatch.domain import Order
from shared.dispatch.ports import Desk
from shared.dispatch.steps import each
from shared.dispatch.usecases.call_off_search import CallOff, call_off_search
from shared.dispatch.usecases.free_driver import FreeDriver, free_driver
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.dispatch.usecases.reopen_search import ReopenSearch, reopen_search
from shared.kernel.order import AssignmentState, Fulfilment

NEWS_GRACE = timedelta(seconds=45)
"""How long the news of an order may take before we act without it."""

BATCH = 200


@dataclass(frozen=True, slots=True)
class SweptOrders:
    """How many orders nobody looked for, rested long enough or had ended, and how many steps failed."""

    unheard: int
    rested: int
    ended: int
    failed: int


async def sweep_orders(*, desk: Desk, now: datetime) -> SweptOrders:
    """Search for orders of which dispatch never heard, reopen rested searches, let go of what has ended.

    One failure stops no other.
    """
    store = desk.store
    unheard = await store.waiting_orders(AssignmentState.NONE, now - NEWS_GRACE, BATCH)
    failed = await each(make_offer(FindDriver(order.id), desk=desk, now=now) for order in unheard)
    rested = await store.waiting_orders(AssignmentState.UNASSIGNABLE, now - desk.config.rest, BATCH)
    failed += await each(reopen_search(ReopenSearch(order.id), desk=desk, now=now) for order in rested)
    ended = await store.ended_orders(now - NEWS_GRACE, BATCH)
    failed += await each(_let_go(order, desk, now) for order in ended)
    return SweptOrders(len(unheard), len(rested), len(ended), failed)


async def _let_go(order: Order, desk: Desk, now: datetime) -> None:
    """Do what the news of the order's end would have had done."""
    driver_id = order.assignment.driver_id
    if order.fulfilment is Fulfilment.CANCELLED:
        await call_off_search(CallOff(order.id, driver_id), store=desk.store, index=desk.index, now=now)
    elif driver_id:
        await free_driver(FreeDriver(driver_id, order.id), store=desk.store, index=desk.index)
