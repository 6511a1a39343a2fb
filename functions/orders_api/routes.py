"""The routes of `orders_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query

from functions.orders_api import wiring
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
from shared.edge.app import api_router
from shared.edge.auth import ActiveVerifiedUser, SignedInUser, VerifiedUser
from shared.edge.idempotency import IdempotencyKey, OptionalIdempotencyKey
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.schemas import IdPath, Moment, PageSize, PageToken, page_token, page_values
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id
from shared.kernel.order import Fulfilment
from shared.orders import queries
from shared.orders.businesses.policy import Step
from shared.orders.domain import FailureReason
from shared.orders.ports import OrderFilter
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.orders.usecases.place_order import PlaceOrder, place_order
from shared.orders.usecases.quote import quote
from shared.orders.usecases.reorder import Reorder, reorder

MAX_STATES = len(Fulfilment)

orders = api_router("/api/v1", tags=["orders"])
driver = api_router("/api/v1/driver", tags=["driver"])


@orders.post("/quotes", status_code=201)
@limited(COSTLY)
async def make_quote(body: QuoteRequest, user: VerifiedUser) -> QuoteView:
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
@limited(CREATING)
async def place(body: OrderRequest, user: ActiveVerifiedUser, key: IdempotencyKey) -> OrderView:
    """Place the order that a quote describes."""
    command = PlaceOrder(user.uid, body.quote_id, body.note)
    order = await place_order(
        command, orders=wiring.orders(), now=utc_now(), idempotency=key.for_answer(OrderView.of)
    )
    return OrderView.of(order)


@orders.get("/orders")
async def list_mine(
    user: SignedInUser,
    role: Annotated[Literal["customer", "merchant", "driver"], Query()] = "customer",
    fulfilment: Annotated[list[Fulfilment], Query(max_length=MAX_STATES)] = [],  # noqa: B006 - FastAPI copies it
    placed_since: Moment | None = None,
    placed_until: Moment | None = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> OrderPage:
    """List the orders in which you have the given role, newest first; by state and by when they were
    placed, `placed_since` included and `placed_until` not."""
    wanted = OrderFilter(
        role,
        user.uid,
        page_size,
        page_values(page_token_, (datetime, str)),
        tuple(fulfilment),
        placed_since,
        placed_until,
    )
    found = await queries.list_orders(wanted, orders=wiring.orders())
    full = len(found) == page_size
    token = page_token((found[-1].placed_at, found[-1].id)) if full else ""
    return OrderPage(orders=[OrderView.of(order) for order in found], next_page_token=token)


@orders.get("/orders/{order_id}")
async def read(order_id: IdPath, user: SignedInUser) -> OrderView:
    """Read one order that you are a party to."""
    return OrderView.of(await queries.get_order(order_id, user.uid, orders=wiring.orders()))


@orders.get("/orders/{order_id}/events")
async def read_events(
    order_id: IdPath, user: SignedInUser, after: Annotated[int, Query(ge=0, le=10**9)] = 0
) -> Timeline:
    """Read what happened to an order after a sequence number."""
    entries = await queries.events_after(order_id, user.uid, after, orders=wiring.orders())
    return Timeline.of(list(entries))


@orders.post("/orders/{order_id}/reorder", status_code=201)
@limited(COSTLY)
async def order_again(order_id: IdPath, body: ReorderRequest, user: VerifiedUser) -> QuoteView:
    """Price the same things to the same place as they are today."""
    made = await reorder(
        Reorder(user.uid, order_id, body.tip, body.scheduled_for),
        orders=wiring.orders(),
        catalogue=wiring.catalogue(),
        quotes=wiring.quotes(),
        now=utc_now(),
        new_id=new_id,
    )
    return QuoteView.of(made)


@orders.get("/orders/{order_id}/cancellation")
async def read_cancellation(order_id: IdPath, user: SignedInUser) -> CancellationView:
    """Read whether you may cancel an order now, and what would be kept of its money."""
    found = await queries.cancellation_of(order_id, user.uid, orders=wiring.orders())
    return CancellationView.of(found)


@orders.post("/orders/{order_id}/cancel")
@limited(CREATING)
async def cancel(
    order_id: IdPath, body: CancelRequest, user: ActiveVerifiedUser, key: OptionalIdempotencyKey
) -> OrderView:
    """Cancel an order before its pickup; what was paid is refunded, less the fee."""
    command = CancelOrder(user.uid, order_id, body.reason, body.max_fee)
    idempotency = key.for_answer(OrderView.of) if key else None
    return OrderView.of(
        await cancel_order(command, orders=wiring.orders(), now=utc_now(), idempotency=idempotency)
    )


async def _advance(
    order_id: str,
    uid: str,
    step: Step,
    key: OptionalIdempotencyKey,
    failure: FailureReason | None = None,
) -> OrderView:
    idempotency = key.for_answer(OrderView.of) if key else None
    command = AdvanceOrder(uid, order_id, step, failure)
    return OrderView.of(
        await advance_order(command, orders=wiring.orders(), now=utc_now(), idempotency=idempotency)
    )


@orders.post("/orders/{order_id}/confirm")
async def confirm(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Take a paid order (merchant)."""
    return await _advance(order_id, user.uid, Step.CONFIRM, key)


@orders.post("/orders/{order_id}/prepare")
async def prepare(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Begin with the order (merchant)."""
    return await _advance(order_id, user.uid, Step.PREPARE, key)


@orders.post("/orders/{order_id}/ready")
async def ready(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that the order can be fetched (merchant)."""
    return await _advance(order_id, user.uid, Step.READY, key)


@orders.post("/orders/{order_id}/taken-back")
async def take_back(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that the goods of a failed delivery are back (merchant; of a parcel its sender)."""
    return await _advance(order_id, user.uid, Step.TAKE_BACK, key)


@driver.post("/orders/{order_id}/picked-up")
async def pick_up(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you have the goods (assigned driver)."""
    return await _advance(order_id, user.uid, Step.PICK_UP, key)


@driver.post("/orders/{order_id}/in-transit")
async def depart(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you are on the way to the customer (assigned driver)."""
    return await _advance(order_id, user.uid, Step.DEPART, key)


@driver.post("/orders/{order_id}/arrived")
async def arrive(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you are at the door (assigned driver)."""
    return await _advance(order_id, user.uid, Step.ARRIVE, key)


@driver.post("/orders/{order_id}/delivered")
async def deliver(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that the customer has the goods (assigned driver)."""
    return await _advance(order_id, user.uid, Step.DELIVER, key)


@driver.post("/orders/{order_id}/failed")
async def fail(
    order_id: IdPath, body: FailureRequest, user: ActiveVerifiedUser, key: OptionalIdempotencyKey
) -> OrderView:
    """Say that the goods could not be handed over, and why (assigned driver)."""
    return await _advance(order_id, user.uid, Step.FAIL_DELIVERY, key, body.reason)


@driver.post("/orders/{order_id}/redeliver")
async def redeliver(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you bring the goods to the customer once more (assigned driver)."""
    return await _advance(order_id, user.uid, Step.REDELIVER, key)


@driver.post("/orders/{order_id}/returning")
async def bring_back(order_id: IdPath, user: ActiveVerifiedUser, key: OptionalIdempotencyKey) -> OrderView:
    """Say that you bring the goods back (assigned driver)."""
    return await _advance(order_id, user.uid, Step.RETURN, key)
