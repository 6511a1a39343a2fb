"""Runs of the batch jobs of orders at a given time, and the counts of their results."""

from __future__ import annotations

from datetime import datetime

from shared.kernel.batch import DEFAULT_LIMITS, Batch, BatchResult, Limits
from shared.orders.ports import OrderStore
from shared.orders.usecases.sweep_orders import sweep_orders

Counts = tuple[int, int, int]
"""The items that were seen, that changed, and that failed."""


async def sweep_at(orders: OrderStore, now: datetime, limits: Limits = DEFAULT_LIMITS) -> Counts:
    """Sweep the orders with a fixed clock, and return the counts."""
    return counts(await sweep_orders(orders=orders, batch=Batch(clock=lambda: now, limits=limits)))


def counts(result: BatchResult) -> Counts:
    """Return the counts of a run that reached the end of its queue."""
    assert result.finished
    return result.seen, result.done, result.failed
