"""Ask for the same again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.ids import NewId
from shared.orders.domain import OrderNotFound, Quote
from shared.orders.ports import Catalogue, OrderStore, QuoteStore
from shared.orders.pricing import ItemRequest, Line
from shared.orders.usecases.quote import QuoteOrder, quote


@dataclass(frozen=True, slots=True)
class Reorder:
    """Who would like which of their orders again, when, and with which tip (minor units)."""

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
    now: datetime,
    new_id: NewId,
) -> Quote:
    """Return what the same things to the same place cost today.

    Raises `OrderNotFound` to everyone but its customer, and what a quote raises: what is gone from the
    menu is named, by the order's lines.
    """
    order = await orders.get(command.order_id)
    if order.customer_id != command.customer_id:
        raise OrderNotFound
    again = QuoteOrder(
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        items=[wanted(line) for line in order.items],
        dropoff=order.dropoff,
        tip=command.tip,
        scheduled_for=command.scheduled_for,
    )
    return await quote(again, catalogue=catalogue, quotes=quotes, now=now, new_id=new_id)


def wanted(line: Line) -> ItemRequest:
    """Return the wish that led to a line."""
    return ItemRequest(line.item_id, line.quantity, tuple(choice.choice_id for choice in line.choices))
