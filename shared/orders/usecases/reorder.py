"""Quote a past order again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.ids import NewId
from shared.orders.closing import with_details
from shared.orders.domain import OrderNotFound
from shared.orders.ordering import OrderingRules
from shared.orders.ports import Catalogue, OrderStore, QuoteStore
from shared.orders.pricing import ItemRequest, Line
from shared.orders.quotes import Quote
from shared.orders.usecases.quote import QuoteOrder, quote


@dataclass(frozen=True, slots=True)
class Reorder:
    """The customer wants one of their orders again; `tip` in minor units."""

    customer_id: str
    order_id: str
    tip: int = 0
    scheduled_for: datetime | None = None


async def reorder(
    command: Reorder,
    *,
    orders: OrderStore,
    catalogue: Catalogue,
    quotes: QuoteStore,
    ordering: OrderingRules,
    now: datetime,
    new_id: NewId,
) -> Quote:
    """Return a quote of the same items to the same address at today's prices.

    Raises `OrderNotFound` for anyone but its customer, and what a quote raises: the errors name the
    order's lines that are no longer on the menu.
    """
    order = await orders.get(command.order_id)
    if order.customer_id != command.customer_id:
        raise OrderNotFound
    if order.closed:
        order = with_details(order, (await orders.details([order.id])).get(order.id))
    again = QuoteOrder(
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        items=[item_request(line) for line in order.items],
        dropoff=order.dropoff,
        tip=command.tip,
        scheduled_for=command.scheduled_for,
    )
    return await quote(again, catalogue=catalogue, quotes=quotes, ordering=ordering, now=now, new_id=new_id)


def item_request(line: Line) -> ItemRequest:
    """Return the request that led to a line."""
    selected = tuple(modifier.modifier_id for modifier in line.modifiers)
    return ItemRequest(line.item_id, line.quantity, selected)
