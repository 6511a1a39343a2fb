"""Other contexts' events in the words of notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.dispatch import events as dispatch
from shared.kernel.event import Event, OrderEvent
from shared.kernel.money import Money
from shared.notifications.domain import Happening
from shared.notifications.templates import Occasion
from shared.orders import events as orders
from shared.payments import events as payments

Translation = Callable[[Any], Happening]


def _happening(event: OrderEvent, occasion: Occasion, **concerned: Any) -> Happening:
    return Happening(event_id=event.id, occasion=occasion, at=event.at, order_id=event.order_id, **concerned)


def order_placed(event: orders.OrderPlaced) -> Happening:
    """The customer has still to pay; the kitchen hears of it when they have."""
    return _happening(event, Occasion.ORDER_PLACED, customer_id=event.customer_id)


def order_confirmed(event: orders.OrderConfirmed) -> Happening:
    """The customer is told."""
    return _happening(event, Occasion.ORDER_CONFIRMED, customer_id=event.customer_id)


def order_picked_up(event: orders.OrderPickedUp) -> Happening:
    """The customer is told; the driver knows."""
    return _happening(event, Occasion.ORDER_PICKED_UP, customer_id=event.customer_id)


def order_delivered(event: orders.OrderDelivered) -> Happening:
    """Everybody is told."""
    return _happening(
        event,
        Occasion.ORDER_DELIVERED,
        customer_id=event.customer_id,
        merchant_staff=event.merchant_staff,
        driver_id=event.driver_id,
    )


def order_cancelled(event: orders.OrderCancelled) -> Happening:
    """Everybody is told, the driver where there is one already."""
    return _happening(
        event,
        Occasion.ORDER_CANCELLED,
        customer_id=event.customer_id,
        merchant_staff=event.merchant_staff,
        driver_id=event.driver_id,
    )


def payment_captured(event: payments.PaymentCaptured) -> Happening:
    """Customer and kitchen are told; of money that came too late, the customer alone."""
    amount = Money(event.amount, event.currency)
    if event.order_cancelled:
        return _happening(event, Occasion.PAYMENT_TOO_LATE, customer_id=event.customer_id, amount=amount)
    return _happening(
        event,
        Occasion.PAYMENT_CAPTURED,
        customer_id=event.customer_id,
        merchant_staff=event.merchant_staff,
        amount=amount,
    )


def payment_refunded(event: payments.PaymentRefunded) -> Happening:
    """The customer is told."""
    amount = Money(event.amount, event.currency)
    return _happening(event, Occasion.PAYMENT_REFUNDED, customer_id=event.customer_id, amount=amount)


def offer_made(event: dispatch.OfferMade) -> Happening:
    """The driver who was asked is told, as long as there is time to answer."""
    return _happening(
        event,
        Occasion.OFFER_MADE,
        driver_id=event.driver_id,
        merchant_name=event.merchant_name,
        offer_id=event.offer_id,
        ends_at=event.expires_at,
    )


def driver_assigned(event: dispatch.DriverAssigned) -> Happening:
    """Customer and kitchen are told; the driver knows."""
    return _happening(
        event,
        Occasion.DRIVER_ASSIGNED,
        customer_id=event.customer_id,
        merchant_staff=event.merchant_staff,
    )


def order_unassignable(event: dispatch.OrderUnassignable) -> Happening:
    """Customer and kitchen are told."""
    return _happening(
        event,
        Occasion.ORDER_UNASSIGNABLE,
        customer_id=event.customer_id,
        merchant_staff=event.merchant_staff,
    )


TRANSLATIONS: Mapping[type[Event], Translation] = {
    orders.OrderPlaced: order_placed,
    orders.OrderConfirmed: order_confirmed,
    orders.OrderPickedUp: order_picked_up,
    orders.OrderDelivered: order_delivered,
    orders.OrderCancelled: order_cancelled,
    payments.PaymentCaptured: payment_captured,
    payments.PaymentRefunded: payment_refunded,
    dispatch.OfferMade: offer_made,
    dispatch.DriverAssigned: driver_assigned,
    dispatch.OrderUnassignable: order_unassignable,
}
