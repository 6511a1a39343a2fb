"""The routes of tips after delivery; a tip is paid as an order is, by `POST /payments`."""

from __future__ import annotations

from functions.orders_api import wiring
from functions.orders_api.tip_schemas import TipList, TipRequest, TipView
from shared.edge.app import api_router
from shared.edge.auth import SignedIn, Trusted
from shared.edge.idempotency import IdempotencyKey
from shared.edge.ratelimit import CREATING, limited
from shared.edge.schemas import IdPath
from shared.kernel.clock import utc_now
from shared.orders.tips import queries
from shared.orders.tips.usecases.tip_driver import TipDriver, tip_driver

tips = api_router("/api/v1/orders/{order_id}/tips", tags=["orders"])


@tips.post("", status_code=201)
@limited(CREATING)
async def give(order_id: IdPath, body: TipRequest, user: Trusted, key: IdempotencyKey) -> TipView:
    """Give the driver who delivered your order a tip, within 30 days; it counts once you have paid it.

    Five can stand at once. One that is not paid in 15 minutes lapses with the next.
    """
    command = TipDriver(user.uid, order_id, body.amount)
    made = await tip_driver(command, tips=wiring.tips(), now=utc_now(), once=key.once(TipView.of))
    return TipView.of(made)


@tips.get("")
async def list_given(order_id: IdPath, user: SignedIn) -> TipList:
    """List the tips for an order: to its customer all of them, to its driver those that were paid."""
    found = await queries.tips_of(order_id, user.uid, tips=wiring.tips())
    return TipList(tips=[TipView.of(tip) for tip in found])
