"""Other contexts' events in the words of notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.accounts import events as accounts
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


def delivery_failed(event: orders.OrderDeliveryFailed) -> Happening:
    """Customer and kitchen are told; the driver knows."""
    return _happening(
        event,
        Occasion.DELIVERY_FAILED,
        customer_id=event.customer_id,
        merchant_staff=event.merchant_staff,
    )


def redelivery_started(event: orders.OrderRedeliveryStarted) -> Happening:
    """The customer is told to be there."""
    return _happening(event, Occasion.REDELIVERY_STARTED, customer_id=event.customer_id)


def order_returning(event: orders.OrderReturning) -> Happening:
    """The kitchen is told, which has to confirm."""
    return _happening(event, Occasion.ORDER_RETURNING, merchant_staff=event.merchant_staff)


def order_returned(event: orders.OrderReturned) -> Happening:
    """Customer and driver are told; the kitchen has confirmed it."""
    return _happening(
        event, Occasion.ORDER_RETURNED, customer_id=event.customer_id, driver_id=event.driver_id
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


def substitution_proposed(event: orders.OrderSubstitutionProposed) -> Happening:
    """The customer is asked."""
    return _happening(event, Occasion.SUBSTITUTION_PROPOSED, customer_id=event.customer_id)


def substitution_accepted(event: orders.OrderSubstitutionAccepted) -> Happening:
    """The kitchen is told; the customer knows."""
    return _happening(event, Occasion.SUBSTITUTION_ACCEPTED, merchant_staff=event.merchant_staff)


def substitution_declined(event: orders.OrderSubstitutionDeclined) -> Happening:
    """The kitchen is told, and the customer unless they have said so themselves."""
    unheard = None if event.actor == event.customer_id else event.customer_id
    return _happening(
        event,
        Occasion.SUBSTITUTION_DECLINED,
        customer_id=unheard,
        merchant_staff=event.merchant_staff,
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


def tip_paid(event: payments.TipPaid) -> Happening:
    """The driver is told; the customer knows."""
    amount = Money(event.amount, event.currency)
    return _happening(event, Occasion.TIP_PAID, driver_id=event.driver_id, amount=amount)


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


def driver_set_offline(event: dispatch.DriverSetOffline) -> Happening:
    """The driver is told why no more offers come; it is about no order."""
    return Happening(
        event_id=event.id,
        occasion=Occasion.DRIVER_SET_OFFLINE,
        at=event.at,
        order_id="",
        driver_id=event.driver_id,
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


def _of_document(occasion: Occasion) -> Translation:
    """Return the translation of what happened to a paper: whoever handed it in is told; no order has part."""

    def translate(event: accounts.DocumentEvent) -> Happening:
        return Happening(
            event_id=event.id, occasion=occasion, at=event.at, order_id="", owner_id=event.owner_id
        )

    return translate


TRANSLATIONS: Mapping[type[Event], Translation] = {
    accounts.DocumentApproved: _of_document(Occasion.DOCUMENT_APPROVED),
    accounts.DocumentRejected: _of_document(Occasion.DOCUMENT_REJECTED),
    accounts.DocumentExpiring: _of_document(Occasion.DOCUMENT_EXPIRING),
    accounts.DocumentExpired: _of_document(Occasion.DOCUMENT_EXPIRED),
    orders.OrderPlaced: order_placed,
    orders.OrderConfirmed: order_confirmed,
    orders.OrderPickedUp: order_picked_up,
    orders.OrderDelivered: order_delivered,
    orders.OrderDeliveryFailed: delivery_failed,
    orders.OrderRedeliveryStarted: redelivery_started,
    orders.OrderReturning: order_returning,
    orders.OrderReturned: order_returned,
    orders.OrderCancelled: order_cancelled,
    orders.OrderSubstitutionProposed: substitution_proposed,
    orders.OrderSubstitutionAccepted: substitution_accepted,
    orders.OrderSubstitutionDeclined: substitution_declined,
    payments.PaymentCaptured: payment_captured,
    payments.PaymentRefunded: payment_refunded,
    payments.TipPaid: tip_paid,
    dispatch.OfferMade: offer_made,
    dispatch.DriverSetOffline: driver_set_offline,
    dispatch.DriverAssigned: driver_assigned,
    dispatch.OrderUnassignable: order_unassignable,
}
