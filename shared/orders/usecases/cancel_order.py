"""Cancel an order before its pickup; payments refund it after the event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.idempotency import IdempotentRequest
from shared.orders.cancellation import cancel
from shared.orders.domain import IsStaff, Order, OrderDecision, party
from shared.orders.ports import OrderStore


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The person `uid` cancels an order; it may cost at most `max_fee` (minor units), if given."""

    uid: str
    order_id: str
    reason: str
    max_fee: int | None = None


async def cancel_order(
    command: CancelOrder, *, orders: OrderStore, now: datetime, idempotency: IdempotentRequest | None = None
) -> Order:
    """Return the cancelled order with the fee that is retained.

    Raises `OrderNotFound` for a stranger, and what `cancel` raises: `NotPermitted`,
    `IllegalTransition` once the driver has the goods or the order has ended, `CancellationFeeChanged`.
    """

    def decide(order: Order, is_staff: IsStaff) -> OrderDecision:
        actor = party(order, command.uid, is_staff, *order.policy.cancellers)
        return cancel(order, actor, command.reason, now, command.max_fee)

    return await orders.change_as_party(command.order_id, decide, idempotency)
