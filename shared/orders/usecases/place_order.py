"""Place an order from a quote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.event import event_id
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import derived_id
from shared.kernel.order import Fulfilment
from shared.orders.domain import (
    CustomerBlocked,
    Decision,
    MerchantClosed,
    Order,
    Quote,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
)
from shared.orders.events import OrderPlaced
from shared.orders.ports import OrderStore, PlacementContext
from shared.orders.recurrences.domain import CustomerAccountClosed, check_pending
from shared.orders.reservations import reserve
from shared.orders.timeouts import first_check_of_new


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """The customer takes the quote; `note` is for the capacity.

    `occurrence` names the recurrence and the time that the order is for: it is placed once.
    """

    customer_id: str
    quote_id: str
    note: str = ""
    occurrence: tuple[str, datetime] | None = None


async def place_order(
    command: PlaceOrder, *, orders: OrderStore, now: datetime, idempotency: IdempotentRequest | None
) -> Order:
    """Return the placed order; one quote makes one order, whoever asks how often.

    Raises `QuoteNotFound`, `QuoteExpired`, `QuoteUsed`, `CustomerBlocked`, `MerchantClosed`, `OutOfStock`,
    `MerchantAtCapacity`; for an occurrence that was skipped meanwhile `OccurrenceNotPending`,
    and `CustomerAccountClosed`.
    """
    order_id = _order_id(command)  # mutant: quote-reused
    recurrence_id = command.occurrence[0] if command.occurrence else None

    def decide(context: PlacementContext) -> Decision:
        quote = _usable(context, command.customer_id, now)
        if command.occurrence:  # mutant: skipped-placed
            check_pending(context.recurrence, command.occurrence[1])
        if context.account_closed:
            raise CustomerAccountClosed
        order = replace(_order(order_id, quote, command.note, now), recurrence_id=recurrence_id)
        order = replace(order, next_check_at=first_check_of_new(order, now))
        order = reserve(order, context.on_hand, context.capacity)
        return order, [_placed(order)]

    return await orders.place(command.quote_id, order_id, now, decide, idempotency, recurrence_id)


def _order_id(command: PlaceOrder) -> str:
    if command.occurrence is None:
        return derived_id("ord", command.quote_id)
    recurrence_id, at = command.occurrence
    return derived_id("ord", recurrence_id, str(int(at.timestamp())))


def _usable(context: PlacementContext, customer_id: str, now: datetime) -> Quote:
    """Return the quote, if this customer can place it now."""
    quote = context.quote
    if quote is None or quote.customer_id != customer_id:
        raise QuoteNotFound
    if context.existing is not None:
        raise QuoteUsed
    if now >= quote.expires_at:
        raise QuoteExpired
    if context.blocked:
        raise CustomerBlocked
    if not context.takes_orders:  # mutant: closed-shop
        raise MerchantClosed
    return quote


def _order(order_id: str, quote: Quote, note: str, now: datetime) -> Order:
    state = Fulfilment.SCHEDULED if quote.scheduled_for else Fulfilment.PLACED
    return Order(
        id=order_id,
        business=quote.business,
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
        fulfilment=state,
        scheduled_for=quote.scheduled_for,
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
        total=order.amounts.total,
        currency=order.amounts.currency,
    )
