"""Move or end an order as an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Actor, Operator, Role
from shared.orders.businesses.policy import Step
from shared.orders.cancellation import cancel
from shared.orders.domain import Order, OrderDecision
from shared.orders.ports import OrderStore
from shared.orders.transitions import advance


@dataclass(frozen=True, slots=True)
class OperateOrder:
    """The operator takes a step on an order."""

    operator: Operator
    order_id: str
    step: Step


@dataclass(frozen=True, slots=True)
class CancelAsOperator:
    """The operator cancels an order, for the reason."""

    operator: Operator
    order_id: str
    reason: str


async def operate_order(command: OperateOrder, *, orders: OrderStore, now: datetime) -> Order:
    """Return the order one step on. Raises `OrderNotFound`, and what `advance` raises."""

    def decide(order: Order) -> OrderDecision:
        return advance(order, command.step, _actor(command.operator), now)

    return await orders.change(command.order_id, decide)


async def cancel_as_operator(command: CancelAsOperator, *, orders: OrderStore, now: datetime) -> Order:
    """Return the cancelled order; the customer gets all of the money back, after the pickup too.

    Raises `OrderNotFound`, and what `cancel` raises.
    """

    def decide(order: Order) -> OrderDecision:
        return cancel(order, _actor(command.operator), command.reason, now)

    return await orders.change(command.order_id, decide)


def _actor(operator: Operator) -> Actor:
    return Actor(operator.uid, Role.ADMIN if Role.ADMIN in operator.roles else Role.SUPPORT)
