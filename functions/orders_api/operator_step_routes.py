"""The routes by which operators move or end an order; the audit log records each step."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from functions.orders_api.operator_schemas import OperatorReason
from functions.orders_api.replays import replays_to_operator
from functions.orders_api.schemas import OrderView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import Support
from shared.edge.idempotency import OptionalIdempotencyKey, RequestKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.kernel.actor import Operator
from shared.kernel.audit import OperatorAction
from shared.kernel.four_eyes import OperatorInvolved
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.orders.businesses.policy import Step
from shared.orders.domain import IllegalTransition, OrderNotFound
from shared.orders.guards import NoDriverAssigned
from shared.orders.usecases.operate_order import (
    CancelAsOperator,
    OperateOrder,
    cancel_as_operator,
    operate_order,
)

Ports = Annotated[OrdersPorts, PORTS]

operators = api_router("/api/v1/admin/orders", tags=["admin"])


def action_of(operator: Operator, now: datetime, new_id: NewId, reason: str = "") -> OperatorAction:
    """Return an operator's action, whose audit entry gets a new id."""
    return OperatorAction(new_id("aud"), operator, now, reason)


def _answer(key: RequestKey | None) -> IdempotentRequest | None:
    """Return the request whose repetition gets the same answer, and no second step; None without a key."""
    return key.for_answer(OrderView.of) if key else None


@operators.post("/{order_id}/reassign", operation_id="reassignOrder")
@refuses(IllegalTransition, NoDriverAssigned, OperatorInvolved, OrderNotFound)
async def reassign(
    order_id: IdPath,
    body: OperatorReason,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> OrderView:
    """Give an order to another driver.

    For support and admins, before or after the pickup: another driver is searched for, who picks the goods
    up at the merchant. The present driver has no part in the order any more. The audit log keeps the reason.
    """
    command = OperateOrder(action_of(operator, now, new_id, body.reason), order_id, Step.REASSIGN)
    async with replays_to_operator(order_id, ports):
        made = await operate_order(command, oversight=ports.oversight, idempotency=_answer(key))
    return OrderView.of(made)


@operators.post("/{order_id}/recall", operation_id="recallOrder")
@refuses(IllegalTransition, OperatorInvolved, OrderNotFound)
async def recall(
    order_id: IdPath,
    body: OperatorReason,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> OrderView:
    """Let the goods of an order be returned.

    For support and admins, after the pickup. When the merchant has them back, the customer is refunded. The
    audit log keeps the reason.
    """
    command = OperateOrder(action_of(operator, now, new_id, body.reason), order_id, Step.RECALL)
    async with replays_to_operator(order_id, ports):
        made = await operate_order(command, oversight=ports.oversight, idempotency=_answer(key))
    return OrderView.of(made)


@operators.post("/{order_id}/cancel", operation_id="cancelOrderAsOperator")
@refuses(IllegalTransition, OperatorInvolved, OrderNotFound)
async def cancel(
    order_id: IdPath,
    body: OperatorReason,
    operator: Support,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> OrderView:
    """Cancel an order as an operator.

    For support and admins, by the policy of its business; after the pickup too, when the goods are lost. The
    customer is refunded. The audit log keeps the reason.
    """
    command = CancelAsOperator(action_of(operator, now, new_id, body.reason), order_id)
    async with replays_to_operator(order_id, ports):
        made = await cancel_as_operator(command, oversight=ports.oversight, idempotency=_answer(key))
    return OrderView.of(made)
