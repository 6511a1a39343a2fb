"""The routes of `orders_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query

from functions.orders_api import wiring
from functions.orders_api.schemas import (
    CancelRequest,
    OrderPage,
    OrderRequest,
    OrderView,
    QuoteRequest,
    QuoteView,
    Timeline,
)
from shared.edge.app import api_router
from shared.edge.auth import SignedIn, Verified
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id
from shared.orders import queries
from shared.orders.ports import OrdersOf
from shared.orders.transitions import Step
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import quote

orders = api_router("/api/v1", tags=["orders"])
driver = api_router("/api/v1/driver", tags=["driver"])


@orders.post("/quotes", status_code=201)
async def make_quote(body: QuoteRequest, user: Verified) -> QuoteView:
    """Price an order; the price holds for 15 minutes."""
    made = await quote(
        body.command(user.uid),
        catalogue=wiring.catalogue(),
        quotes=wiring.quotes(),
        now=utc_now(),
        new_id=new_id,
    )
    return QuoteView.of(made)


@orders.post("/orders", status_code=201)
async def place(body: OrderRequest, user: Verified, key: IdempotencyKey) -> OrderView:
    """Place the order that a quote describes."""
    command = PlaceOrder(user.uid, body.quote_id, body.note)
    order = await place_order(command, orders=wiring.orders(), now=utc_now(), once=key.once(OrderView.of))
    return OrderView.of(order)


@orders.get("/orders")
async def list_mine(
    user: SignedIn,
    role: Annotated[Literal["customer", "merchant", "driver"], Query()] = "customer",
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> OrderPage:
    """List the orders in which you have the given role, newest first."""
    wanted = OrdersOf(role, user.uid, page_size, page_values(page_token_, (datetime, str)))
    found = await queries.list_orders(wanted, orders=wiring.orders())
    full = len(found) == page_size
    token = page_token((found[-1].placed_at, found[-1].id)) if full else ""
    return OrderPage(orders=[OrderView.of(order) for order in found], next_page_token=token)


@orders.get("/orders/{order_id}")
async def read(order_id: IdPath, user: SignedIn) -> OrderView:
    """Read one order that you are a party to."""
    return OrderView.of(await queries.get_order(order_id, user.uid, orders=wiring.orders()))


@orders.get("/orders/{order_id}/events")
async def read_events(
    order_id: IdPath, user: SignedIn, after: Annotated[int, Query(ge=0, le=10**9)] = 0
) -> Timeline:
    """Read what happened to an order after a sequence number."""
    entries = await queries.events_after(order_id, user.uid, after, orders=wiring.orders())
    return Timeline.of(list(entries))


@orders.post("/orders/{order_id}/cancel")
async def cancel(
    order_id: IdPath, body: CancelRequest, user: Verified, key: OptionalIdempotencyKey
) -> OrderView:
    """Cancel an order before its pickup; what was paid is refunded."""
    command = CancelOrder(user.uid, order_id, body.reason)
    once = key.once(OrderView.of) if key else None
    return OrderView.of(await cancel_order(command, orders=wiring.orders(), now=utc_now(), once=once))


async def _advance(order_id: str, uid: str, step: Step, key: OptionalIdempotencyKey) -> OrderView:
    once = key.once(OrderView.of) if key else None
    command = AdvanceOrder(uid, order_id, step)
    return OrderView.of(await advance_order(command, orders=wiring.orders(), now=utc_now(), once=once))


@orders.post("/orders/{order_id}/confirm")
async def confirm(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Take a paid order (merchant)."""
    return await _advance(order_id, user.uid, Step.CONFIRM, key)


@orders.post("/orders/{order_id}/prepare")
async def prepare(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Begin with the order (merchant)."""
    return await _advance(order_id, user.uid, Step.PREPARE, key)


@orders.post("/orders/{order_id}/ready")
async def ready(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Say that the order can be fetched (merchant)."""
    return await _advance(order_id, user.uid, Step.READY, key)


@driver.post("/orders/{order_id}/picked-up")
async def pick_up(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you have the goods (assigned driver)."""
    return await _advance(order_id, user.uid, Step.PICK_UP, key)


@driver.post("/orders/{order_id}/in-transit")
async def depart(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you are on the way to the customer (assigned driver)."""
    return await _advance(order_id, user.uid, Step.DEPART, key)


@driver.post("/orders/{order_id}/arrived")
async def arrive(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you are at the door (assigned driver)."""
    return await _advance(order_id, user.uid, Step.ARRIVE, key)


@driver.post("/orders/{order_id}/delivered")
async def deliver(order_id: IdPath, user: Verified, key: OptionalIdempotencyKey) -> OrderView:
    """Say that the customer has the goods (assigned driver)."""
    return await _advance(order_id, user.uid, Step.DELIVER, key)
