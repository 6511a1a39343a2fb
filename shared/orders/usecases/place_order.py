"""Place an order from a quote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.event import event_id
from shared.kernel.ids import derived_id
from shared.kernel.once import Once
from shared.kernel.order import Business
from shared.orders.domain import (
    Decision,
    MerchantClosed,
    Order,
    Quote,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
)
from shared.orders.events import OrderPlaced
from shared.orders.ports import OrderStore


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """The customer takes the quote; `note` is for the kitchen."""

    customer_id: str
    quote_id: str
    note: str = ""


async def place_order(command: PlaceOrder, *, orders: OrderStore, now: datetime, once: Once | None) -> Order:
    """Return the placed order; one quote makes one order, whoever asks how often.

    Raises `QuoteNotFound`, `QuoteExpired`, `QuoteUsed` and `MerchantClosed`.
    """
    order_id = derived_id("ord", command.quote_id)

    def decide(quote: Quote | None, existing: Order | None, merchant_open: bool) -> Decision:
        if quote is None or quote.customer_id != command.customer_id:
            raise QuoteNotFound
        if existing is not None:
            raise QuoteUsed
        if now >= quote.expires_at:
            raise QuoteExpired
        if not merchant_open:
            raise MerchantClosed
        order = _order(order_id, quote, command.note, now)
        return order, [_placed(order)]

    return await orders.place(command.quote_id, order_id, decide, once)


def _order(order_id: str, quote: Quote, note: str, now: datetime) -> Order:
    return Order(
        id=order_id,
        business=Business.FOOD,
        customer_id=quote.customer_id,
        merchant_id=quote.merchant_id,
        merchant_name=quote.merchant_name,
        merchant_staff=quote.merchant_staff,
        items=quote.items,
        amounts=quote.amounts,
        pickup=quote.pickup,
        dropoff=quote.dropoff,
        distance_m=quote.distance_m,
        prep_minutes=quote.prep_minutes,
        eta_minutes=quote.eta_minutes,
        quote_id=quote.id,
        menu_version=quote.menu_version,
        note=note,
        placed_at=now,
        updated_at=now,
    )


def _placed(order: Order) -> OrderPlaced:
    return OrderPlaced(
        id=event_id(order.id, "placed"),
        at=order.placed_at,
        actor=order.customer_id,
        order_id=order.id,
        business=order.business,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        merchant_staff=order.merchant_staff,
        total=order.amounts.total,
        currency=order.amounts.currency,
    )
