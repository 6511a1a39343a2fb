"""The routes of tips after delivery. A tip is paid as an order is, by `POST /payments`."""

from __future__ import annotations

from typing import Annotated

from functions.orders_api.tip_schemas import TipList, TipRequest, TipView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveVerifiedUser, SignedInUser
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import CREATING, limited
from shared.edge.schemas import IdPath
from shared.orders.tips import queries
from shared.orders.tips.usecases.tip_driver import TipDriver, tip_driver

Ports = Annotated[OrdersPorts, PORTS]

tips = api_router("/api/v1/orders/{order_id}/tips", tags=["orders"])


@tips.post("", status_code=201)
@limited(CREATING)
async def create(
    order_id: IdPath, body: TipRequest, user: ActiveVerifiedUser, key: IdempotencyKey, ports: Ports, now: Now
) -> TipView:
    """Tip the driver who delivered your order.

    You can tip within 30 days of the delivery; pay the tip by `POST /payments`. An order has at most five
    tips. A tip that is not paid within 15 minutes expires when the next one is created.
    """
    command = TipDriver(user.uid, order_id, body.amount)
    created = await tip_driver(command, tips=ports.tips, now=now, idempotency=key.for_answer(TipView.of))
    return TipView.of(created)


@tips.get("")
async def list_tips(order_id: IdPath, user: SignedInUser, ports: Ports) -> TipList:
    """List the tips for an order: its customer sees all, its driver the paid ones."""
    found = await queries.list_tips(order_id, user.uid, tips=ports.tips)
    return TipList(tips=[TipView.of(tip) for tip in found])
