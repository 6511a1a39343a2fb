"""The routes that take an order a step further: for the merchant's staff and for the assigned driver."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from functions.orders_api.replays import replays_to_party
from functions.orders_api.schemas import FailureRequest, OrderView
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveVerifiedUser
from shared.edge.idempotency import OptionalIdempotencyKey
from shared.edge.provided import PORTS, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.orders.businesses.policy import Step
from shared.orders.domain import IllegalTransition, NotPermitted, OrderNotFound, OrderNotPaid
from shared.orders.failures import NotAtTheDoor, NotDeliverableAgain
from shared.orders.substitution_state import SubstitutionOpen
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order

Ports = Annotated[OrdersPorts, PORTS]

merchant = api_router("/api/v1", tags=["orders"])
driver = api_router("/api/v1/driver", tags=["driver"])


async def _advance(
    command: AdvanceOrder, key: OptionalIdempotencyKey, ports: OrdersPorts, now: datetime
) -> OrderView:
    idempotency = key.for_answer(OrderView.of) if key else None
    async with replays_to_party(command.order_id, command.uid, ports):
        order = await advance_order(command, orders=ports.orders, now=now, idempotency=idempotency)
    return OrderView.of(order)


@merchant.post("/orders/{order_id}/confirm", operation_id="confirmOrder")
@refuses(IllegalTransition, NotPermitted, OrderNotFound, OrderNotPaid)
async def confirm(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Confirm a paid order.

    For the staff of the merchant. An order for later can be confirmed ahead; it stays `scheduled` until it is
    to be begun, and its staff is notified then.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.CONFIRM), key, ports, now)


@merchant.post("/orders/{order_id}/prepare", operation_id="startPreparation")
@refuses(IllegalTransition, NotPermitted, OrderNotFound)
async def prepare(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Start to prepare an order.

    For the staff of the merchant.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.PREPARE), key, ports, now)


@merchant.post("/orders/{order_id}/ready", operation_id="markOrderReady")
@refuses(IllegalTransition, NotPermitted, OrderNotFound, SubstitutionOpen)
async def ready(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as ready for pickup.

    For the staff of the merchant. The search for a driver starts.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.READY), key, ports, now)


@merchant.post("/orders/{order_id}/taken-back", operation_id="markOrderReturned")
@refuses(IllegalTransition, NotPermitted, OrderNotFound)
async def take_back(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark a failed delivery as returned.

    For the staff of the merchant; for a parcel its sender. The refund follows by itself.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.TAKE_BACK), key, ports, now)


@driver.post("/orders/{order_id}/picked-up", operation_id="pickUpOrder")
@refuses(NotPermitted, OrderNotFound)
async def pick_up(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as picked up.

    For the assigned driver.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.PICK_UP), key, ports, now)


@driver.post("/orders/{order_id}/in-transit", operation_id="startTransit")
@refuses(IllegalTransition, NotPermitted, OrderNotFound)
async def depart(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as in transit.

    For the assigned driver.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.DEPART), key, ports, now)


@driver.post("/orders/{order_id}/arrived", operation_id="arriveAtDropoff")
@refuses(IllegalTransition, NotPermitted, OrderNotFound)
async def arrive(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark the arrival at the drop-off.

    For the assigned driver.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.ARRIVE), key, ports, now)


@driver.post("/orders/{order_id}/delivered", operation_id="deliverOrder")
@refuses(IllegalTransition, NotPermitted, OrderNotFound)
async def deliver(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as delivered.

    For the assigned driver.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.DELIVER), key, ports, now)


@driver.post("/orders/{order_id}/failed", operation_id="failDelivery")
@refuses(IllegalTransition, NotAtTheDoor, NotPermitted, OrderNotFound)
async def fail(
    order_id: IdPath,
    body: FailureRequest,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Report a failed delivery attempt.

    For the assigned driver, with the reason.
    """
    command = AdvanceOrder(user.uid, order_id, Step.FAIL_DELIVERY, body.reason)
    return await _advance(command, key, ports, now)


@driver.post("/orders/{order_id}/redeliver", operation_id="retryDelivery")
@refuses(IllegalTransition, NotDeliverableAgain, NotPermitted, OrderNotFound)
async def redeliver(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Start another delivery attempt.

    For the assigned driver, after a failed attempt.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.REDELIVER), key, ports, now)


@driver.post("/orders/{order_id}/returning", operation_id="returnOrder")
@refuses(IllegalTransition, NotPermitted, OrderNotFound)
async def bring_back(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Start to return an order.

    For the assigned driver, after a failed attempt.
    """
    return await _advance(AdvanceOrder(user.uid, order_id, Step.RETURN), key, ports, now)
