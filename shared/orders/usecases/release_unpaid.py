"""Release what a customer has not paid at a merchant, after the merchant has blocked the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import SYSTEM
from shared.orders.cancellation import cancel
from shared.orders.domain import Order, OrderDecision, decided
from shared.orders.ports import OrderStore
from shared.orders.unpaid import waits_for_payment

REASON = "customer_blocked"


@dataclass(frozen=True, slots=True)
class ReleaseUnpaid:
    """The customer, and the merchant that accepts no more orders of theirs."""

    customer_id: str
    merchant_id: str


async def release_unpaid(command: ReleaseUnpaid, *, orders: OrderStore, now: datetime) -> int:
    """Cancel the customer's orders at the merchant that are not paid; return how many were cancelled.

    Paid orders go on. To run it again changes nothing. Money that comes later is refunded.
    """

    def decide(order: Order) -> OrderDecision:
        if not waits_for_payment(order):
            return decided(order)
        return cancel(order, SYSTEM, REASON, now)

    released = 0
    for order in await orders.unpaid_of(command.customer_id):
        # mutant: block-releases
        if order.merchant_id == command.merchant_id and waits_for_payment(order):
            after = await orders.change(order.id, decide)
            released += not waits_for_payment(after)
    return released
