"""Cancel an order before its pickup; the refund follows by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Role
from shared.kernel.event import event_id
from shared.kernel.once import Once
from shared.kernel.order import Fulfilment
from shared.orders.domain import Decision, IllegalTransition, NotPermitted, Order, move, party
from shared.orders.events import OrderCancelled
from shared.orders.ports import OrderStore
from shared.orders.transitions import CANCELLABLE


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Who cancels which order, and why."""

    uid: str
    order_id: str
    reason: str


async def cancel_order(
    command: CancelOrder, *, orders: OrderStore, now: datetime, once: Once | None = None
) -> Order:
    """Return the cancelled order.

    Raises `OrderNotFound` for a stranger, `NotPermitted` for the driver and `IllegalTransition`
    once the driver has the goods or the order has ended.
    """

    def decide(order: Order) -> Decision:
        actor = party(order, command.uid)
        if actor.role not in (Role.CUSTOMER, Role.MERCHANT):
            raise NotPermitted
        if order.fulfilment not in CANCELLABLE:
            raise IllegalTransition(f"An order that is {order.fulfilment} cannot be cancelled.")
        event = OrderCancelled(
            id=event_id(order.id, "cancelled"),
            at=now,
            actor=command.uid,
            order_id=order.id,
            customer_id=order.customer_id,
            merchant_staff=order.merchant_staff,
            driver_id=order.assignment.driver_id,
            payment_id=order.payment.payment_id,
            reason=command.reason,
        )
        return move(order, Fulfilment.CANCELLED, now), [event]

    return await orders.change(command.order_id, decide, once)
