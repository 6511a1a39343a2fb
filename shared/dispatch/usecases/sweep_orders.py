"""Sweep orders: repair what a lost event left behind, and reopen searches after their cooldown.

The queries match states that a lost event leaves behind and that an order otherwise passes in a moment, so
that they read no order that is well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from shared.dispatch.domain import Order
from shared.dispatch.ports import SearchPorts
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.make_offer import FindDriver, Outcome, make_offer
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver
from shared.dispatch.usecases.reopen_search import ReopenSearch, reopen_search
from shared.dispatch.usecases.sweep_offers import CONCURRENCY
from shared.kernel.batch import Batch, BatchResult, Cursor, Page, Queue
from shared.kernel.order import AssignmentState, Fulfilment

EVENT_GRACE = timedelta(seconds=45)
"""How long an event of an order may take before the sweep acts without it."""

Load = Callable[[datetime, int, Cursor | None], Awaitable[Page[Order]]]
Handle = Callable[[Order, datetime], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class SweepOrdersResult:
    """The results for orders without a search, orders to search for again, and ended orders."""

    unsearched: BatchResult
    reopened: BatchResult
    ended: BatchResult


async def sweep_orders(*, ports: SearchPorts, batch: Batch) -> SweepOrdersResult:
    """Search for orders without a search, reopen searches after their cooldown, release ended orders."""
    queues = (_unsearched(ports), _cooled_down(ports), _ended(ports))
    unsearched, reopened, ended = await batch.run_all(*queues)
    return SweepOrdersResult(unsearched, reopened, ended)


def _unsearched(ports: SearchPorts) -> Queue[Order]:
    async def handle(order: Order, now: datetime) -> bool:
        # mutant: lost-search
        return await make_offer(FindDriver(order.id), ports=ports, now=now) is not Outcome.NOTHING_TO_DO

    return _waiting(ports, AssignmentState.NONE, EVENT_GRACE, handle)


def _cooled_down(ports: SearchPorts) -> Queue[Order]:
    async def handle(order: Order, now: datetime) -> bool:
        # mutant: unassignable-rests
        return await reopen_search(ReopenSearch(order.id), ports=ports, now=now) is not Outcome.NOTHING_TO_DO

    return _waiting(ports, AssignmentState.UNASSIGNABLE, ports.config.cooldown, handle)


def _waiting(ports: SearchPorts, state: AssignmentState, age: timedelta, handle: Handle) -> Queue[Order]:
    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[Order]:
        return await ports.store.waiting_orders(state, now - age, limit, cursor)

    return _queue(f"dispatch-{state}-orders", load, handle)


def _ended(ports: SearchPorts) -> Queue[Order]:
    async def load(now: datetime, limit: int, cursor: Cursor | None) -> Page[Order]:
        return await ports.store.ended_orders(now - EVENT_GRACE, limit, cursor)

    async def handle(order: Order, now: datetime) -> bool:
        return await _release(order, ports, now)  # mutant: lost-release

    return _queue("dispatch-ended-orders", load, handle)


def _queue(id_: str, load: Load, handle: Handle) -> Queue[Order]:
    return Queue(
        id=id_,
        name="order_id",
        key=attrgetter("id"),
        load=load,
        handle=handle,
        concurrency=CONCURRENCY,
    )


async def _release(order: Order, ports: SearchPorts, now: datetime) -> bool:
    """Do what the event of the order's end does; return whether there was anything to do."""
    driver_id = order.assignment.driver_id
    if order.fulfilment is Fulfilment.CANCELLED:
        command = CancelAssignment(order.id, driver_id)
        await cancel_assignment(command, store=ports.store, index=ports.index, now=now)
        return True
    if driver_id is None:
        return False
    await release_driver(ReleaseDriver(driver_id, order.id), store=ports.store, index=ports.index)
    return True
