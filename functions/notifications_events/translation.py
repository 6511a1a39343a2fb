"""Other contexts' events in the words of notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.dispatch import events as dispatch
from shared.identity import events as identity
from shared.kernel.actor import Role
from shared.kernel.event import Event, OrderEvent
from shared.kernel.money import Money
from shared.notifications.domain import Happening
from shared.notifications.templates import Occasion
from shared.orders import events as orders
from shared.orders.substitutions import events as substitutions
from shared.payments import events as payments
from shared.verification import events as verification

Translation = Callable[[Any], Happening]

CUSTOMER, KITCHEN, DRIVER = "customer_id", "merchant_staff", "driver_id"
"""The people of an order, by the events' fields that name them."""


def _happening(event: OrderEvent, occasion: Occasion, **concerned: Any) -> Happening:
    return Happening(event_id=event.id, occasion=occasion, at=event.at, order_id=event.order_id, **concerned)


def _of_order(occasion: Occasion, *told: str) -> Translation:
    """Return the translation of what happened to an order: those of its people are told who are named."""

    def translate(event: OrderEvent) -> Happening:
        return _happening(event, occasion, **{people: getattr(event, people) for people in told})

    return translate


def substitution_declined(event: substitutions.OrderSubstitutionDeclined) -> Happening:
    """The kitchen is told, and the customer unless they have said so themselves."""
    unheard = None if event.actor == event.customer_id else event.customer_id
    return _happening(
        event,
        Occasion.SUBSTITUTION_DECLINED,
        customer_id=unheard,
        merchant_staff=event.merchant_staff,
    )


def order_reminder_raised(event: orders.OrderReminderRaised) -> Happening:
    """Whoever keeps the others waiting is told."""
    if event.responsible_role == Role.MERCHANT:
        return _happening(event, Occasion.ORDER_REMINDER_RAISED, merchant_staff=event.merchant_staff)
    return _happening(event, Occasion.ORDER_REMINDER_RAISED, driver_id=event.driver_id)


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


def _of_document(occasion: Occasion) -> Translation:
    """Return the translation of what happened to a paper: whoever handed it in is told; no order has part."""

    def translate(event: verification.DocumentEvent) -> Happening:
        return Happening(
            event_id=event.id, occasion=occasion, at=event.at, order_id="", owner_id=event.owner_id
        )

    return translate


def second_factor_reset(event: identity.SecondFactorReset) -> Happening:
    """Whose it was is told: should somebody have talked an admin into it, they hear of it."""
    return Happening(
        event_id=event.id,
        occasion=Occasion.SECOND_FACTOR_RESET,
        at=event.at,
        order_id="",
        owner_id=event.user_id,
    )


TRANSLATIONS: Mapping[type[Event], Translation] = {
    identity.SecondFactorReset: second_factor_reset,
    verification.DocumentApproved: _of_document(Occasion.DOCUMENT_APPROVED),
    verification.DocumentRejected: _of_document(Occasion.DOCUMENT_REJECTED),
    verification.DocumentExpiring: _of_document(Occasion.DOCUMENT_EXPIRING),
    verification.DocumentExpired: _of_document(Occasion.DOCUMENT_EXPIRED),
    # They have still to pay; the kitchen hears of it when they have.
    orders.OrderPlaced: _of_order(Occasion.ORDER_PLACED, CUSTOMER),
    orders.OrderConfirmed: _of_order(Occasion.ORDER_CONFIRMED, CUSTOMER),
    orders.OrderPickedUp: _of_order(Occasion.ORDER_PICKED_UP, CUSTOMER),  # the driver knows
    orders.OrderDelivered: _of_order(Occasion.ORDER_DELIVERED, CUSTOMER, KITCHEN, DRIVER),
    orders.OrderDeliveryFailed: _of_order(Occasion.DELIVERY_FAILED, CUSTOMER, KITCHEN),  # the driver knows
    orders.OrderRedeliveryStarted: _of_order(Occasion.REDELIVERY_STARTED, CUSTOMER),  # to be there
    orders.OrderReturning: _of_order(Occasion.ORDER_RETURNING, KITCHEN),  # it has to confirm
    # The kitchen has confirmed it.
    orders.OrderReturned: _of_order(Occasion.ORDER_RETURNED, CUSTOMER, DRIVER),
    # The driver where there is one already.
    orders.OrderCancelled: _of_order(Occasion.ORDER_CANCELLED, CUSTOMER, KITCHEN, DRIVER),
    substitutions.OrderSubstitutionProposed: _of_order(Occasion.SUBSTITUTION_PROPOSED, CUSTOMER),  # to answer
    # The customer knows.
    substitutions.OrderSubstitutionAccepted: _of_order(Occasion.SUBSTITUTION_ACCEPTED, KITCHEN),
    substitutions.OrderSubstitutionDeclined: substitution_declined,
    orders.OrderReminderRaised: order_reminder_raised,
    payments.PaymentCaptured: payment_captured,
    payments.PaymentRefunded: payment_refunded,
    payments.TipPaid: tip_paid,
    dispatch.OfferMade: offer_made,
    dispatch.DriverSetOffline: driver_set_offline,
    dispatch.DriverAssigned: _of_order(Occasion.DRIVER_ASSIGNED, CUSTOMER, KITCHEN),  # the driver knows
    dispatch.OrderUnassignable: _of_order(Occasion.ORDER_UNASSIGNABLE, CUSTOMER, KITCHEN),
}
