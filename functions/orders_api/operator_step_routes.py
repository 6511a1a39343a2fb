"""The routes by which operators move or end an order."""

from __future__ import annotations

from typing import Annotated

from functions.orders_api.schemas import CancelRequest, OrderView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import Support
from shared.edge.provided import PORTS, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
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


@operators.post("/{order_id}/reassign", operation_id="reassignOrder")
@refuses(IllegalTransition, NoDriverAssigned, OrderNotFound)
async def reassign(order_id: IdPath, operator: Support, ports: Ports, now: Now) -> OrderView:
    """Give an order to another driver.

    For support and admins, before or after the pickup: another driver is searched for, who picks the goods
    up at the merchant. The present driver has no part in the order any more.
    """
    command = OperateOrder(operator, order_id, Step.REASSIGN)
    return OrderView.of(await operate_order(command, orders=ports.orders, now=now))


@operators.post("/{order_id}/recall", operation_id="recallOrder")
@refuses(IllegalTransition, OrderNotFound)
async def recall(order_id: IdPath, operator: Support, ports: Ports, now: Now) -> OrderView:
    """Let the goods of an order be returned.

    For support and admins, after the pickup. When the merchant has them back, the customer is refunded.
    """
    command = OperateOrder(operator, order_id, Step.RECALL)
    return OrderView.of(await operate_order(command, orders=ports.orders, now=now))


@operators.post("/{order_id}/cancel", operation_id="cancelOrderAsOperator")
@refuses(IllegalTransition, OrderNotFound)
async def cancel(
    order_id: IdPath, body: CancelRequest, operator: Support, ports: Ports, now: Now
) -> OrderView:
    """Cancel an order as an operator.

    For support and admins, by the policy of its business; after the pickup too, when the goods are lost. The
    customer is refunded.
    """
    command = CancelAsOperator(operator, order_id, body.reason)
    return OrderView.of(await cancel_as_operator(command, orders=ports.orders, now=now))
