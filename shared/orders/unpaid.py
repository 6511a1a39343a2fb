"""Orders that are not paid: what they hold, and for how long, is limited."""

from __future__ import annotations

from shared.kernel.actor import SYSTEM
from shared.kernel.order import Fulfilment
from shared.orders.domain import Order


def ended_unpaid(order: Order) -> bool:
    """Return whether an order was cancelled by its customer or by a timeout, and nobody had paid it."""
    if order.fulfilment is not Fulfilment.CANCELLED or order.payment.captured:
        return False
    by = next((entry.actor for entry in reversed(order.timeline) if entry.type == "order_cancelled"), "")
    return by in (SYSTEM.uid, order.customer_id)
