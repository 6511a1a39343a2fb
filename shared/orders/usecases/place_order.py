"""Place an order from a quote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.event import event_id
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import derived_id
from shared.kernel.order import Fulfilment
from shared.orders.domain import Order, OrderDecision, decided
from shared.orders.events import OrderPlaced
from shared.orders.opening import LastOrderPassed
from shared.orders.ordering import OrderingRules, check_business
from shared.orders.ports import OrderStore, PlacementContext
from shared.orders.pricing import check_available, recounted
from shared.orders.quotes import (
    CustomerBlocked,
    OutsideServiceZone,
    Quote,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
    QuoteUsed,
)
from shared.orders.reservations import reserve
from shared.orders.scheduling import ScheduleOutOfBounds, activation_time, check_times
from shared.orders.timeouts import first_check_of_new, payable_until
from shared.orders.unpaid import check_unpaid


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """The customer places the order of a quote; `note` is for the merchant."""

    customer_id: str
    quote_id: str
    note: str = ""


async def place_order(
    command: PlaceOrder,
    *,
    orders: OrderStore,
    ordering: OrderingRules,
    now: datetime,
    idempotency: IdempotentRequest | None,
) -> Order:
    """Return the placed order; one quote makes one order, however often it is requested.

    Raises `QuoteNotFound`, `QuoteExpired`, `QuoteUsed`, `BusinessNotOpen`, `CustomerBlocked`,
    `QuoteOutdated`, `ItemUnavailable`, `MerchantClosed`, `TooManyUnpaidOrders`, `OutOfStock` and
    `MerchantAtCapacity`.
    """
    order_id = derived_id("ord", command.quote_id)  # mutant: quote-reused
    new = NewOrder(order_id, command.customer_id, command.note)

    def decide(context: PlacementContext) -> OrderDecision:
        return decide_placement(context, new, ordering, now)

    return await orders.place(command.quote_id, new.id, decide, idempotency)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What an order has besides its quote; `recurrence_id` names the recurrence of an occurrence."""

    id: str
    customer_id: str
    note: str = ""
    recurrence_id: str | None = None


def decide_placement(
    context: PlacementContext, new: NewOrder, ordering: OrderingRules, now: datetime
) -> OrderDecision:
    """Return the placed order and its event; raises the errors of `place_order`."""
    quote = _usable(context, new.customer_id, ordering, now)
    check_unpaid(context.unpaid, quote.merchant_id, ordering.unpaid, now)
    order = _order(new, quote, now)  # mutant: price-of-now
    if quote.scheduled_for:
        at = activation_time(quote.scheduled_for, quote.eta_minutes, context.opening_at, ordering.scheduling)
        order = replace(order, activates_at=at)
    order = replace(order, next_check_at=first_check_of_new(order, now))
    order = reserve(order, context.on_hand, context.capacity)
    return decided(order, _placed(order))


def _usable(context: PlacementContext, customer_id: str, ordering: OrderingRules, now: datetime) -> Quote:
    """Return the quote if this customer can place its order now."""
    quote = context.quote
    if quote is None or quote.customer_id != customer_id:
        raise QuoteNotFound
    if context.existing is not None:
        raise QuoteUsed
    if now >= quote.expires_at:
        raise QuoteExpired
    check_business(quote.business, ordering)
    if context.blocked:  # mutant: blocked-customer
        raise CustomerBlocked
    _check_unchanged(context, quote)
    try:
        check_times(
            quote.scheduled_for, quote.eta_minutes, context.opening_at, now
        )  # mutant: closed-meanwhile
    except (LastOrderPassed, ScheduleOutOfBounds) as error:
        raise QuoteOutdated(error.detail) from error
    # What came to be counted since the quote is reserved like the rest.
    return replace(quote, items=recounted(quote.items, context.menu)) if context.menu is not None else quote


def _check_unchanged(context: PlacementContext, quote: Quote) -> None:
    """Raise the error for what the quote did not promise and has changed since: where the merchant is,
    where orders are delivered, what is available. The price holds."""
    place = context.place
    # mutant: moved-at-placing
    if place is None or (place.lat, place.lng) != (quote.pickup.lat, quote.pickup.lng):
        raise QuoteOutdated
    if not context.serves:  # mutant: zone-at-placing
        raise QuoteOutdated(OutsideServiceZone.detail)
    if context.menu is not None:
        check_available(quote.items, context.menu)  # mutant: gone-at-placing


def _order(new: NewOrder, quote: Quote, now: datetime) -> Order:
    state = Fulfilment.SCHEDULED if quote.scheduled_for else Fulfilment.PLACED
    return Order(
        id=new.id,
        business=quote.business,
        customer_id=quote.customer_id,
        merchant_id=quote.merchant_id,
        merchant_name=quote.merchant_name,
        items=quote.items,
        amounts=quote.amounts,
        pickup=quote.pickup,
        dropoff=quote.dropoff,
        distance_m=quote.distance_m,
        prep_minutes=quote.prep_minutes,
        eta_minutes=quote.eta_minutes,
        quote_id=quote.id,
        menu_version=quote.menu_version,
        note=new.note,
        placed_at=now,
        updated_at=now,
        fulfilment=state,
        scheduled_for=quote.scheduled_for,
        recurrence_id=new.recurrence_id,
        timezone=quote.timezone,
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
        scheduled_for=order.scheduled_for,
        timezone=order.timezone,
        pay_by=payable_until(order),
        recurrence_id=order.recurrence_id,
    )
