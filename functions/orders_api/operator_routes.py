"""The routes by which operators read orders: lists without addresses; a look at one order is audited."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.orders_api.operator_schemas import (
    AttentionPage,
    AttentionView,
    OperatorOrderView,
    OrderSummary,
    OrderSummaryPage,
)
from functions.orders_api.operator_step_routes import action_of
from functions.orders_api.schemas import Timeline
from shared.composition.orders import OrdersPorts
from shared.edge.app import api_router
from shared.edge.auth import Support
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import Id, IdPath, Moment, PageSize, PageToken, page_token, page_values
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import OrderNotFound
from shared.orders.oversight import Attention, AttentionFilter, OversightFilter
from shared.orders.queries import EventsAfter
from shared.orders.usecases.operate_order import ReadOrder, read_order

Ports = Annotated[OrdersPorts, PORTS]

overseers = api_router("/api/v1/admin/orders", tags=["admin"])


@overseers.get("", operation_id="listOrdersAsOperator")
async def list_orders(
    _: Support,
    ports: Ports,
    merchant_id: Annotated[Id | None, Query()] = None,
    business: Annotated[Business | None, Query()] = None,
    fulfilment: Annotated[list[Fulfilment], Query(max_length=len(Fulfilment))] = [],  # noqa: B006 - copied
    placed_since: Moment | None = None,
    placed_until: Moment | None = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> OrderSummaryPage:
    """List orders of all parties.

    For support and admins, newest first: by state, by merchant or business, and by when they were placed,
    `placed_since` included and `placed_until` not.
    """
    by = OversightFilter(
        limit=page_size,
        after=page_values(page_token_, (datetime, str)),
        states=tuple(fulfilment),
        merchant_id=merchant_id or "",
        business=business,
        since=placed_since,
        until=placed_until,
    )
    found = await ports.oversight.orders(by)
    token = page_token((found[-1].placed_at, found[-1].id)) if len(found) == page_size else ""
    return OrderSummaryPage(orders=[OrderSummary.of(order) for order in found], next_page_token=token)


@overseers.get("/attention", operation_id="listOrdersThatNeedAttention")
async def list_attention(
    _: Support,
    ports: Ports,
    why: Annotated[Attention, Query()] = Attention.ESCALATED,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> AttentionPage:
    """List orders that need an operator.

    For support and admins, the longest waiting first. `escalated`: no driver takes the order, its driver is
    silent or closed, or has reported a problem after the pickup; `overdue`: it exceeds its SLA.
    """
    by = AttentionFilter(why, page_size, page_values(page_token_, (datetime, str)))
    found = await ports.oversight.attention(by)
    token = ""
    if len(found) == page_size:
        last = found[-1].order
        since = last.assignment.escalated_at if why is Attention.ESCALATED else last.delayed_since
        token = page_token((since, last.id))
    return AttentionPage(orders=[AttentionView.seen(one) for one in found], next_page_token=token)


@overseers.get("/{order_id}", operation_id="getOrderAsOperator")
@refuses(OrderNotFound)
async def read(
    order_id: IdPath, operator: Support, ports: Ports, now: Now, new_id: NewIds
) -> OperatorOrderView:
    """Get any order as an operator.

    For support and admins: with its address, also after its end. The audit log records each look.
    """
    command = ReadOrder(action_of(operator, now, new_id), order_id)
    return OperatorOrderView.seen(await read_order(command, oversight=ports.oversight))


@overseers.get("/{order_id}/events", operation_id="listOrderEventsAsOperator")
@refuses(OrderNotFound)
async def read_events(
    order_id: IdPath,
    operator: Support,
    ports: Ports,
    now: Now,
    new_id: NewIds,
    page_size: PageSize = 100,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> Timeline:
    """List the timeline of any order as an operator.

    For support and admins. The audit log records each look.
    """
    (seq,) = page_values(page_token_, (int,)) or (0,)
    command = ReadOrder(action_of(operator, now, new_id), order_id)
    found = await read_order(command, oversight=ports.oversight)
    return Timeline.of(EventsAfter(order_id, seq, page_size).of(found.order), page_size)
