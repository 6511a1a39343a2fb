"""Advance an order by one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.idempotency import IdempotentRequest
from shared.orders.businesses.policy import Step
from shared.orders.domain import FailureReason, IsStaff, Order, OrderDecision, party
from shared.orders.ports import OrderStore
from shared.orders.transitions import advance, roles_for, step_on


@dataclass(frozen=True, slots=True)
class AdvanceOrder:
    """The person `uid` takes a step on an order; `failure` says why a delivery failed."""

    uid: str
    order_id: str
    step: Step
    failure: FailureReason | None = None


async def advance_order(
    command: AdvanceOrder, *, orders: OrderStore, now: datetime, idempotency: IdempotentRequest | None = None
) -> Order:
    """Return the order one step on.

    Raises `OrderNotFound` for a stranger, and what `advance` raises: `NotPermitted` for the wrong
    party, `IllegalTransition` from the wrong state, `OrderNotPaid` where goods would move unpaid.
    """

    def decide(order: Order, is_staff: IsStaff) -> OrderDecision:
        step = step_on(order, command.step)
        actor = party(order, command.uid, is_staff, *roles_for(order, step))
        return advance(order, step, actor, now, command.failure)

    return await orders.change_as_party(command.order_id, decide, idempotency)
