"""The routes of `orders_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request

from functions.orders_api.replays import replays_to_party
from functions.orders_api.schemas import (
    CancellationView,
    CancelRequest,
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
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.callers import active_user
from shared.edge.direct import direct
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import Id, IdPath, Moment, PageSize, PageToken, page_token, page_values
from shared.kernel.order import Fulfilment
from shared.orders import queries
from shared.orders.cancellation import CancellationFeeChanged
from shared.orders.closing import shown_to
from shared.orders.domain import IllegalTransition, Order, OrderNotFound
from shared.orders.opening import LastOrderPassed, MerchantClosed
from shared.orders.ordering import BusinessNotOpen
from shared.orders.ports import OrderFilter
from shared.orders.pricing import ItemUnavailable, ModifiersInvalid, UnknownItem
from shared.orders.quotes import (
    CustomerBlocked,
    MerchantNotFound,
    OutOfRange,
    OutsideServiceZone,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
    QuoteUsed,
)
from shared.orders.reservations import MerchantAtCapacity, OutOfStock
from shared.orders.scheduling import ScheduleOutOfBounds
from shared.orders.unpaid import TooManyUnpaidOrders
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import quote
from shared.orders.usecases.reorder import Reorder, reorder

MAX_STATES = len(Fulfilment)

Ports = Annotated[OrdersPorts, PORTS]

orders = api_router("/api/v1", tags=["orders"])


@orders.post("/quotes", operation_id="makeQuote", status_code=201)
@limited(COSTLY)
@refuses(
    BusinessNotOpen,
    CustomerBlocked,
    LastOrderPassed,
    MerchantClosed,
    MerchantNotFound,
    ModifiersInvalid,
    OutOfRange,
    OutOfStock,
    OutsideServiceZone,
    ScheduleOutOfBounds,
    UnknownItem,
)
async def make_quote(
    body: QuoteRequest, user: ActiveVerifiedUser, ports: Ports, now: Now, new_id: NewIds
) -> QuoteView:
    """Get a quote for an order.

    The server prices the items, the delivery and the taxes. The price holds for 15 minutes.
    """
    quoted = await quote(
        body.command(user.uid),
        catalogue=ports.catalogue,
        quotes=ports.quotes,
        ordering=ports.ordering,
        now=now,
        new_id=new_id,
    )
    return QuoteView.of(quoted)


@orders.post("/orders", operation_id="placeOrder", status_code=201)
@limited(CREATING)
@refuses(
    BusinessNotOpen,
    CustomerBlocked,
    ItemUnavailable,
    MerchantAtCapacity,
    MerchantClosed,
    OutOfStock,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
    QuoteUsed,
    TooManyUnpaidOrders,
)
async def place(
    body: OrderRequest, user: ActiveVerifiedUser, key: IdempotencyKey, ports: Ports, now: Now
) -> OrderView:
    """Place an order from a quote.

    Needs a verified e-mail and phone. The price of the quote holds. What has become unavailable since is
    refused, and `errors` name the lines. The order waits for its payment next.
    """
    command = PlaceOrder(user.uid, body.quote_id, body.note)
    order = await place_order(
        command,
        orders=ports.orders,
        ordering=ports.ordering,
        now=now,
        idempotency=key.for_answer(OrderView.of),
    )
    return OrderView.of(order)


@orders.get("/orders", operation_id="listOrders")
async def list_mine(
    user: ActiveUser,
    ports: Ports,
    role: Annotated[Literal["customer", "merchant", "driver"], Query()] = "customer",
    merchant_id: Annotated[Id | None, Query()] = None,
    fulfilment: Annotated[list[Fulfilment], Query(max_length=MAX_STATES)] = [],  # noqa: B006 - FastAPI copies it
    placed_since: Moment | None = None,
    placed_until: Moment | None = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> OrderPage:
    """List orders by role.

    The orders in which you have the given role, newest first; by state and by when they were placed,
    `placed_since` included and `placed_until` not. In the role `merchant`, those of one merchant or, without
    `merchant_id`, of the ten merchants to whose staff you have belonged the longest.
    """
    filter_ = OrderFilter(
        role,
        merchant_id or "",
        page_size,
        page_values(page_token_, (datetime, str)),
        tuple(fulfilment),
        placed_since,
        placed_until,
    )
    found = await queries.list_orders(filter_, user.uid, orders=ports.orders, memberships=ports.memberships)
    full = len(found) == page_size
    token = page_token((found[-1].placed_at, found[-1].id)) if full else ""
    return OrderPage(orders=[OrderView.of(order) for order in found], next_page_token=token)


@orders.get("/orders/{order_id}", operation_id="getOrder")
@refuses(OrderNotFound)
async def read(order_id: IdPath, user: ActiveUser, ports: Ports) -> OrderView:
    """Get an order.

    For its parties: the customer, the staff of the merchant, the assigned driver.
    """
    return OrderView.of(
        await queries.get_order(order_id, user.uid, orders=ports.orders, memberships=ports.memberships)
    )


@direct(read)
async def _read(request: Request) -> bytes:
    user, ports = await active_user(request), request.app.state.ports
    order_id = request.path_params["order_id"]
    found = await queries.get_order(order_id, user.uid, orders=ports.orders, memberships=ports.memberships)
    return OrderView.written(found)


@orders.get("/orders/{order_id}/events", operation_id="listOrderEvents")
@refuses(OrderNotFound)
async def read_events(
    order_id: IdPath,
    user: ActiveUser,
    ports: Ports,
    after: Annotated[int, Query(ge=0, le=10**9)] = 0,
    page_size: PageSize = 100,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> Timeline:
    """List the timeline of an order.

    Events after a sequence number, so that a client which reconnects reads on.
    """
    (seq,) = page_values(page_token_, (int,)) or (after,)
    entries = await queries.events_after(
        queries.EventsAfter(order_id, seq, page_size),
        user.uid,
        orders=ports.orders,
        memberships=ports.memberships,
    )
    return Timeline.of(entries, page_size)


@orders.post("/orders/{order_id}/reorder", operation_id="reorder", status_code=201)
@limited(COSTLY)
@refuses(
    BusinessNotOpen,
    CustomerBlocked,
    LastOrderPassed,
    MerchantClosed,
    MerchantNotFound,
    ModifiersInvalid,
    OrderNotFound,
    OutOfRange,
    OutOfStock,
    OutsideServiceZone,
    ScheduleOutOfBounds,
    UnknownItem,
)
async def order_again(
    order_id: IdPath, body: ReorderRequest, user: ActiveVerifiedUser, ports: Ports, now: Now, new_id: NewIds
) -> QuoteView:
    """Get a quote for the same order again.

    The same items to the same address at today's prices.
    """
    quoted = await reorder(
        Reorder(user.uid, order_id, body.tip, body.scheduled_for),
        orders=ports.orders,
        catalogue=ports.catalogue,
        quotes=ports.quotes,
        ordering=ports.ordering,
        now=now,
        new_id=new_id,
    )
    return QuoteView.of(quoted)


@orders.get("/orders/{order_id}/cancellation", operation_id="getCancellationTerms")
@refuses(OrderNotFound)
async def read_cancellation(order_id: IdPath, user: ActiveUser, ports: Ports) -> CancellationView:
    """Get the cancellation terms of an order.

    Whether you can cancel the order now, and how much of its money would be retained.
    """
    found = await queries.cancellation_of(
        order_id, user.uid, orders=ports.orders, memberships=ports.memberships
    )
    return CancellationView.of(found)


@orders.post("/orders/{order_id}/cancel", operation_id="cancelOrder")
@limited(CREATING)
@refuses(CancellationFeeChanged, IllegalTransition, OrderNotFound)
async def cancel(
    order_id: IdPath,
    body: CancelRequest,
    user: ActiveVerifiedUser,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
) -> OrderView:
    """Cancel an order.

    Before its pickup. What was paid is refunded, less the retained amount.
    """
    command = CancelOrder(user.uid, order_id, body.reason, body.max_fee)

    def shown(order: Order) -> OrderView:
        return OrderView.of(shown_to(order, user.uid))

    idempotency = key.for_answer(shown) if key else None
    async with replays_to_party(order_id, user.uid, ports):
        order = await cancel_order(command, orders=ports.orders, now=now, idempotency=idempotency)
    return shown(order)
