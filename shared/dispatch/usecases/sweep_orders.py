"""The safety net under events: what dispatch was to hear of an order, and perhaps never did.

It looks for the states that lost news leaves behind, which an order in good order passes in a moment:
nothing is read of orders that are well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.dispatch.domain import Order
from shared.dispatch.ports import SearchPorts
from shared.dispatch.steps import each
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver
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


async def sweep_orders(*, ports: SearchPorts, now: datetime) -> SweptOrders:
    """Search for orders without a search, reopen searches after their cooldown, release ended orders.

    One failure stops no other.
    """
    store = ports.store
    unheard = await store.waiting_orders(AssignmentState.NONE, now - NEWS_GRACE, BATCH)  # mutant: lost-search
    failed = await each(make_offer(FindDriver(order.id), ports=ports, now=now) for order in unheard)
    cooled_down = now - ports.config.cooldown
    # mutant: unassignable-rests
    rested = await store.waiting_orders(AssignmentState.UNASSIGNABLE, cooled_down, BATCH)
    failed += await each(reopen_search(ReopenSearch(order.id), ports=ports, now=now) for order in rested)
    ended = await store.ended_orders(now - NEWS_GRACE, BATCH)  # mutant: lost-release
    failed += await each(_release(order, ports, now) for order in ended)
    return SweptOrders(len(unheard), len(rested), len(ended), failed)


async def _release(order: Order, ports: SearchPorts, now: datetime) -> None:
    """Do what the news of the order's end would have had done."""
    driver_id = order.assignment.driver_id
    if order.fulfilment is Fulfilment.CANCELLED:
        await cancel_assignment(
            CancelAssignment(order.id, driver_id), store=ports.store, index=ports.index, now=now
        )
    elif driver_id:
        await release_driver(ReleaseDriver(driver_id, order.id), store=ports.store, index=ports.index)
