"""Read, move or end an order as an operator; the audit log records each look and each step."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.actor import Actor, Operator, Role
from shared.kernel.audit import OperatorAction
from shared.kernel.four_eyes import demand_uninvolved
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.businesses.policy import Step
from shared.orders.cancellation import cancel
from shared.orders.domain import IsStaff, Order, OrderDecision
from shared.orders.oversight import OrderAction, OverseenOrder
from shared.orders.ports import Oversight
from shared.orders.transitions import advance

STEPS = {Step.REASSIGN: OrderAction.REASSIGNED, Step.RECALL: OrderAction.RECALLED}
"""The steps of operators, as the audit log names them."""


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """The operator reads an order."""

    action: OperatorAction
    order_id: str


@dataclass(frozen=True, slots=True)
class OperateOrder:
    """The operator takes a step on an order, for the reason of the action."""

    action: OperatorAction
    order_id: str
    step: Step


@dataclass(frozen=True, slots=True)
class CancelAsOperator:
    """The operator cancels an order, for the reason of the action."""

    action: OperatorAction
    order_id: str


async def read_order(command: ReadOrder, *, oversight: Oversight) -> OverseenOrder:
    """Return the order with all that operators read of it. Raises `OrderNotFound`."""
    entry = command.action.entry(OrderAction.READ, command.order_id)
    return await oversight.look(command.order_id, entry)


async def operate_order(
    command: OperateOrder, *, oversight: Oversight, idempotency: IdempotentRequest | None = None
) -> Order:
    """Return the order one step on.

    Raises `OrderNotFound`, `OperatorInvolved`, and what `advance` raises.
    """

    def decide(order: Order, is_staff: IsStaff) -> OrderDecision:
        _demand_uninvolved(command.action.operator, order, is_staff)
        return advance(order, command.step, _actor(command.action.operator), command.action.at)

    entry = command.action.entry(STEPS[command.step], command.order_id)
    return await oversight.change(command.order_id, decide, entry, idempotency)


async def cancel_as_operator(
    command: CancelAsOperator, *, oversight: Oversight, idempotency: IdempotentRequest | None = None
) -> Order:
    """Return the cancelled order; the customer gets all of the money back, after the pickup too.

    Raises `OrderNotFound`, `OperatorInvolved`, and what `cancel` raises.
    """
    action = command.action

    def decide(order: Order, is_staff: IsStaff) -> OrderDecision:
        _demand_uninvolved(action.operator, order, is_staff)
        return cancel(order, _actor(action.operator), action.reason, action.at)

    entry = action.entry(OrderAction.CANCELLED, command.order_id)
    return await oversight.change(command.order_id, decide, entry, idempotency)


def _demand_uninvolved(operator: Operator, order: Order, is_staff: IsStaff) -> None:
    """Return if the operator is no party to the order, nor a replaced driver. Raises `OperatorInvolved`."""
    parties = (order.customer_id, order.assignment.driver_id, *order.replaced_drivers)
    demand_uninvolved(operator.uid, *parties, is_staff=is_staff)


def _actor(operator: Operator) -> Actor:
    return Actor(operator.uid, Role.ADMIN if Role.ADMIN in operator.roles else Role.SUPPORT)
