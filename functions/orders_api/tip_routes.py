"""The routes of tips after delivery. A tip is paid as an order is, by `POST /payments`."""

from __future__ import annotations

from typing import Annotated

from functions.orders_api.tip_schemas import TipList, TipRequest, TipView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.orders.domain import OrderNotFound
from shared.orders.tips import queries
from shared.orders.tips.domain import NotTippable, TippingClosed, TooManyTips
from shared.orders.tips.usecases.tip_driver import TipDriver, tip_driver

Ports = Annotated[OrdersPorts, PORTS]

tips = api_router("/api/v1/orders/{order_id}/tips", tags=["tips"])


@tips.post("", operation_id="tipDriver", status_code=201)
@limited(CREATING)
@refuses(NotTippable, OrderNotFound, TippingClosed, TooManyTips)
async def create(
    order_id: IdPath, body: TipRequest, user: ActiveVerifiedUser, key: IdempotencyKey, ports: Ports, now: Now
) -> TipView:
    """Tip the driver of a delivered order.

    Within 30 days after the delivery. The tip counts once it is paid.
    """
    command = TipDriver(user.uid, order_id, body.amount)
    created = await tip_driver(command, tips=ports.tips, now=now, idempotency=key.for_answer(TipView.of))
    return TipView.of(created)


@tips.get("", operation_id="listTips")
@refuses(OrderNotFound)
async def list_tips(order_id: IdPath, user: ActiveUser, ports: Ports) -> TipList:
    """List the tips of an order.

    All of them for the customer, the paid ones for the driver.
    """
    found = await queries.list_tips(order_id, user.uid, tips=ports.tips)
    return TipList(tips=[TipView.of(tip) for tip in found])
