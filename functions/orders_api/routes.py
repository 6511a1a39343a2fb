"""The routes of `orders_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query

from functions.orders_api.schemas import (
    CancellationView,
    CancelRequest,
    FailureRequest,
    OrderPage,
    OrderRequest,
    OrderView,
    QuoteRequest,
    QuoteView,
    ReorderRequest,
    Timeline,
)
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveVerifiedUser, SignedInUser, VerifiedUser
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.schemas import IdPath, Moment, PageSize, PageToken, page_token, page_values
from shared.kernel.order import Fulfilment
from shared.orders import queries
from shared.orders.businesses.policy import Step
from shared.orders.ports import OrderFilter
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import quote
from shared.orders.usecases.reorder import Reorder, reorder

MAX_STATES = len(Fulfilment)

Ports = Annotated[OrdersPorts, PORTS]

orders = api_router("/api/v1", tags=["orders"])
driver = api_router("/api/v1/driver", tags=["driver"])


@orders.post("/quotes", status_code=201)
@limited(COSTLY)
async def make_quote(
    body: QuoteRequest, user: VerifiedUser, ports: Ports, now: Now, new_id: NewIds
) -> QuoteView:
    """Quote the price of an order.

    The price is valid for 15 minutes. Place the order with `POST /orders`.
    """
    quoted = await quote(
        body.command(user.uid),
        catalogue=ports.catalogue,
        quotes=ports.quotes,
        scheduling=ports.scheduling,
        now=now,
        new_id=new_id,
    )
    return QuoteView.of(quoted)


@orders.post("/orders", status_code=201)
@limited(CREATING)
async def place(
    body: OrderRequest, user: ActiveVerifiedUser, key: IdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Place an order from a quote.

    Pay it with `POST /payments`; an order that is not paid in time is cancelled.
    """
    command = PlaceOrder(user.uid, body.quote_id, body.note)
    order = await place_order(
        command,
        orders=ports.orders,
        scheduling=ports.scheduling,
        now=now,
        idempotency=key.for_answer(OrderView.of),
    )
    return OrderView.of(order)


@orders.get("/orders")
async def list_mine(
    user: SignedInUser,
    ports: Ports,
    role: Annotated[Literal["customer", "merchant", "driver"], Query()] = "customer",
    fulfilment: Annotated[list[Fulfilment], Query(max_length=MAX_STATES)] = [],  # noqa: B006 - FastAPI copies it
    placed_since: Moment | None = None,
    placed_until: Moment | None = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> OrderPage:
    """List the orders in which you have a role, newest first.

    Filter them by state, and by the time at which they were placed: from `placed_since` to before
    `placed_until`.
    """
    filter_ = OrderFilter(
        role,
        user.uid,
        page_size,
        page_values(page_token_, (datetime, str)),
        tuple(fulfilment),
        placed_since,
        placed_until,
    )
    found = await queries.list_orders(filter_, orders=ports.orders)
    full = len(found) == page_size
    token = page_token((found[-1].placed_at, found[-1].id)) if full else ""
    return OrderPage(orders=[OrderView.of(order) for order in found], next_page_token=token)


@orders.get("/orders/{order_id}")
async def read(order_id: IdPath, user: SignedInUser, ports: Ports) -> OrderView:
    """Read an order that you are a party to."""
    return OrderView.of(await queries.get_order(order_id, user.uid, orders=ports.orders))


@orders.get("/orders/{order_id}/events")
async def read_events(
    order_id: IdPath, user: SignedInUser, ports: Ports, after: Annotated[int, Query(ge=0, le=10**9)] = 0
) -> Timeline:
    """Read the events of an order after a sequence number."""
    entries = await queries.events_after(order_id, user.uid, after, orders=ports.orders)
    return Timeline.of(list(entries))


@orders.post("/orders/{order_id}/reorder", status_code=201)
@limited(COSTLY)
async def order_again(
    order_id: IdPath, body: ReorderRequest, user: VerifiedUser, ports: Ports, now: Now, new_id: NewIds
) -> QuoteView:
    """Quote the items of a past order at today's prices."""
    quoted = await reorder(
        Reorder(user.uid, order_id, body.tip, body.scheduled_for),
        orders=ports.orders,
        catalogue=ports.catalogue,
        quotes=ports.quotes,
        scheduling=ports.scheduling,
        now=now,
        new_id=new_id,
    )
    return QuoteView.of(quoted)


@orders.get("/orders/{order_id}/cancellation")
async def read_cancellation(order_id: IdPath, user: SignedInUser, ports: Ports) -> CancellationView:
    """Read whether you can cancel an order now, and what it costs."""
    return CancellationView.of(await queries.cancellation_of(order_id, user.uid, orders=ports.orders))


@orders.post("/orders/{order_id}/cancel")
@limited(CREATING)
async def cancel(
    order_id: IdPath,
    body: CancelRequest,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Cancel an order before its pickup.

    The payment is refunded, less the fee that `GET /orders/{id}/cancellation` shows. Send that fee as
    `max_fee`, so that you never pay more.
    """
    command = CancelOrder(user.uid, order_id, body.reason, body.max_fee)
    idempotency = key.for_answer(OrderView.of) if key else None
    return OrderView.of(await cancel_order(command, orders=ports.orders, now=now, idempotency=idempotency))


async def _advance(
    command: AdvanceOrder, key: OptionalIdempotencyKey, ports: OrdersPorts, now: datetime
) -> OrderView:
    idempotency = key.for_answer(OrderView.of) if key else None
    return OrderView.of(await advance_order(command, orders=ports.orders, now=now, idempotency=idempotency))


@orders.post("/orders/{order_id}/confirm")
async def confirm(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Confirm a paid order (merchant)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.CONFIRM), key, ports, now)


@orders.post("/orders/{order_id}/prepare")
async def prepare(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Start to prepare an order (merchant)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.PREPARE), key, ports, now)


@orders.post("/orders/{order_id}/ready")
async def ready(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as ready for pickup (merchant)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.READY), key, ports, now)


@orders.post("/orders/{order_id}/taken-back")
async def take_back(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Confirm that returned goods arrived (merchant, or the sender of a parcel)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.TAKE_BACK), key, ports, now)


@driver.post("/orders/{order_id}/picked-up")
async def pick_up(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as picked up (assigned driver)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.PICK_UP), key, ports, now)


@driver.post("/orders/{order_id}/in-transit")
async def depart(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as on the way to the customer (assigned driver)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.DEPART), key, ports, now)


@driver.post("/orders/{order_id}/arrived")
async def arrive(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as arrived at the customer's address (assigned driver)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.ARRIVE), key, ports, now)


@driver.post("/orders/{order_id}/delivered")
async def deliver(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Mark an order as delivered to the customer (assigned driver)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.DELIVER), key, ports, now)


@driver.post("/orders/{order_id}/failed")
async def fail(
    order_id: IdPath,
    body: FailureRequest,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Report a failed delivery and its reason (assigned driver).

    Then start another attempt with `redeliver`, or return the goods with `returning`.
    """
    command = AdvanceOrder(user.uid, order_id, Step.FAIL_DELIVERY, body.reason)
    return await _advance(command, key, ports, now)


@driver.post("/orders/{order_id}/redeliver")
async def redeliver(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Start another delivery attempt (assigned driver)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.REDELIVER), key, ports, now)


@driver.post("/orders/{order_id}/returning")
async def bring_back(
    order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Start to return the goods of a failed delivery (assigned driver)."""
    return await _advance(AdvanceOrder(user.uid, order_id, Step.RETURN), key, ports, now)
