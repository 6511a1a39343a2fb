"""Sweep assigned orders: report drivers who are silent or closed, and search again where one was replaced."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

from shared.dispatch.domain import Order
from shared.dispatch.ports import SearchPorts
from shared.dispatch.usecases.check_assignment import CheckAssignment, check_assignment
from shared.dispatch.usecases.sweep_offers import CONCURRENCY
from shared.kernel.batch import Batch, BatchResult, Queue


async def sweep_drivers(*, ports: SearchPorts, batch: Batch) -> BatchResult:
    """Look after the driver of every assigned order that is due for it, about once in ten minutes each."""

    async def handle(order: Order, now: datetime) -> bool:
        command = CheckAssignment(order.id, order.assignment.driver_id or "none")
        await check_assignment(command, ports=ports, now=now)
        return True

    queue = Queue(
        id="dispatch-assigned-orders",
        name="order_id",
        key=attrgetter("id"),
        load=ports.store.orders_to_check,
        handle=handle,
        concurrency=CONCURRENCY,
    )
    return await batch.run(queue)
