"""Map the events of other contexts to notification requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.dispatch import events as dispatch
from shared.dispatch.domain import EscalationReason
from shared.identity import events as identity
from shared.kernel.actor import Role
from shared.kernel.event import Event, OrderEvent
from shared.kernel.money import Money
from shared.notifications.domain import NotificationRequest
from shared.notifications.kinds import TemplateKey
from shared.orders import events as orders
from shared.orders.businesses.policy import Goods
from shared.orders.recurrences import events as recurrences
from shared.orders.substitutions import events as substitutions
from shared.payments import events as payments
from shared.verification import events as verification

RequestMapper = Callable[[Any], NotificationRequest]

CUSTOMER, MERCHANT, DRIVER = "customer_id", "merchant_id", "driver_id"
"""The parties of an order, by the event fields that hold their ids."""


def _request(event: OrderEvent, template_key: TemplateKey, **concerned: Any) -> NotificationRequest:
    return NotificationRequest(
        event_id=event.id, template_key=template_key, at=event.at, order_id=event.order_id, **concerned
    )


def _order_mapper(template_key: TemplateKey, *parties: str) -> RequestMapper:
    """Return the mapper of an order event; it notifies the given parties of the order."""

    def to_request(event: OrderEvent) -> NotificationRequest:
        return _request(event, template_key, **{party: getattr(event, party) for party in parties})

    return to_request


def substitution_declined(event: substitutions.OrderSubstitutionDeclined) -> NotificationRequest:
    """Notify the merchant, and the customer unless the customer declined."""
    customer_id = None if event.actor == event.customer_id else event.customer_id
    return _request(
        event,
        TemplateKey.SUBSTITUTION_DECLINED,
        customer_id=customer_id,
        merchant_id=event.merchant_id,
    )


def order_reminder_raised(event: orders.OrderReminderRaised) -> NotificationRequest:
    """Notify the party that is responsible for the delay."""
    if event.responsible_role == Role.MERCHANT:
        return _request(event, TemplateKey.ORDER_REMINDER_RAISED, merchant_id=event.merchant_id)
    return _request(event, TemplateKey.ORDER_REMINDER_RAISED, driver_id=event.driver_id)


def order_placed(event: orders.OrderPlaced) -> NotificationRequest:
    """Notify the customer, who has to pay; the merchant is notified after the payment.

    The customer of a recurring order did not place it just now, so this notification cannot be muted.
    """
    if event.scheduled_for is None or event.pay_by is None:
        return _request(event, TemplateKey.ORDER_PLACED, customer_id=event.customer_id)
    recurring = TemplateKey.OCCURRENCE_PLACED if event.recurrence_id else None
    return _request(
        event,
        recurring or TemplateKey.ORDER_PLACED_FOR_LATER,
        customer_id=event.customer_id,
        when=event.scheduled_for,
        until=event.pay_by,
        timezone=event.timezone,
        recurrence_id=event.recurrence_id or "",
    )


def order_confirmed_ahead(event: orders.OrderConfirmedAhead) -> NotificationRequest:
    """Notify the customer for when the order is confirmed."""
    return _request(
        event,
        TemplateKey.ORDER_CONFIRMED_AHEAD,
        customer_id=event.customer_id,
        when=event.scheduled_for,
        timezone=event.timezone,
    )


def order_activated(event: orders.OrderActivated) -> NotificationRequest:
    """Notify the staff, who have to begin an order for later now."""
    key = TemplateKey.ORDER_TO_PREPARE if event.confirmed else TemplateKey.ORDER_TO_CONFIRM
    # mutant: begin-not-said
    return _request(
        event, key, merchant_id=event.merchant_id, when=event.scheduled_for, timezone=event.timezone
    )


def order_cancelled(event: orders.OrderCancelled) -> NotificationRequest:
    """Notify the parties; the staff of an order that was paid, since they know of no other."""
    later = event.scheduled_for is not None
    return _request(
        event,
        TemplateKey.ORDER_FOR_LATER_CANCELLED if later else TemplateKey.ORDER_CANCELLED,
        customer_id=event.customer_id,
        merchant_id=event.merchant_id if event.paid else "",
        driver_id=event.driver_id,
        when=event.scheduled_for,
        timezone=event.timezone,
    )


def occurrence_skipped(event: recurrences.OccurrenceSkipped) -> NotificationRequest:
    """Notify the customer that no order was placed."""
    return _recurrence_request(
        event, TemplateKey.OCCURRENCE_SKIPPED, when=event.occurrence, timezone=event.timezone
    )


def recurrence_stopped(event: recurrences.RecurrenceStopped) -> NotificationRequest:
    """Notify the customer that the system ended a recurrence."""
    return _recurrence_request(event, TemplateKey.RECURRENCE_STOPPED)


def _recurrence_request(
    event: recurrences.RecurrenceEvent, template_key: TemplateKey, **more: Any
) -> NotificationRequest:
    """Return the request about a recurrence; no order is involved."""
    return NotificationRequest(
        event_id=event.id,
        template_key=template_key,
        at=event.at,
        order_id="",
        customer_id=event.customer_id,
        recurrence_id=event.recurrence_id,
        **more,
    )


def payment_captured(event: payments.PaymentCaptured) -> NotificationRequest:
    """Notify customer and merchant; if the order was cancelled before, only the customer.

    The staff of an order for later have nothing to do yet: they are notified again when it is to be begun.
    """
    amount = Money(event.amount, event.currency)
    if event.order_cancelled:
        return _request(event, TemplateKey.PAYMENT_TOO_LATE, customer_id=event.customer_id, amount=amount)
    later = event.scheduled_for is not None  # mutant: later-as-now
    return _request(
        event,
        TemplateKey.PAYMENT_CAPTURED_FOR_LATER if later else TemplateKey.PAYMENT_CAPTURED,
        customer_id=event.customer_id,
        merchant_id=event.merchant_id,
        amount=amount,
        when=event.scheduled_for,
        timezone=event.timezone,
    )


def payment_refunded(event: payments.PaymentRefunded) -> NotificationRequest:
    """Notify the customer."""
    amount = Money(event.amount, event.currency)
    return _request(event, TemplateKey.PAYMENT_REFUNDED, customer_id=event.customer_id, amount=amount)


def tip_paid(event: payments.TipPaid) -> NotificationRequest:
    """Notify the driver; the customer paid the tip."""
    amount = Money(event.amount, event.currency)
    return _request(event, TemplateKey.TIP_PAID, driver_id=event.driver_id, amount=amount)


def offer_made(event: dispatch.OfferMade) -> NotificationRequest:
    """Notify the driver of the offer until the offer expires."""
    return _request(  # mutant: offer-untold
        event,
        TemplateKey.OFFER_MADE,
        driver_id=event.driver_id,
        merchant_name=event.merchant_name,
        offer_id=event.offer_id,
        expires_at=event.expires_at,
    )


def order_escalated(event: dispatch.OrderEscalated) -> NotificationRequest:
    """Notify the operators, with the reason; and a driver who is silent."""
    silent = event.reason == EscalationReason.DRIVER_SILENT
    return _request(  # mutant: escalation-unsaid
        event,
        TemplateKey.ORDER_ESCALATED,
        to_operators=True,
        reason=event.reason,
        driver_id=event.driver_id if silent else None,
    )


_TO_DO_AGAIN = {
    Goods.MAKE_AGAIN.value: TemplateKey.ORDER_TO_MAKE_AGAIN,
    Goods.PACK_AGAIN.value: TemplateKey.ORDER_TO_PACK_AGAIN,
}


def order_reassigned(event: orders.OrderReassigned) -> NotificationRequest:
    """Notify the staff that another driver comes, and whether the goods are to be made or packed again."""
    key = _TO_DO_AGAIN.get(event.goods, TemplateKey.ORDER_REASSIGNED)
    return _request(event, key, merchant_id=event.merchant_id)  # mutant: made-again-unsaid


def order_delayed(event: orders.OrderDelayed) -> NotificationRequest:
    """Notify the operators."""
    return _request(event, TemplateKey.ORDER_DELAYED, to_operators=True)


def driver_set_offline(event: dispatch.DriverSetOffline) -> NotificationRequest:
    """Notify the driver why offers stop; no order is involved."""
    return NotificationRequest(
        event_id=event.id,
        template_key=TemplateKey.DRIVER_SET_OFFLINE,
        at=event.at,
        order_id="",
        driver_id=event.driver_id,
    )


def _document_mapper(template_key: TemplateKey) -> RequestMapper:
    """Return the mapper of a document event; it notifies the owner, and no order is involved."""

    def to_request(event: verification.DocumentEvent) -> NotificationRequest:
        return NotificationRequest(
            event_id=event.id, template_key=template_key, at=event.at, order_id="", owner_id=event.owner_id
        )

    return to_request


def _account_mapper(template_key: TemplateKey) -> RequestMapper:
    """Return the mapper of an account event; it notifies the owner, who then notices a fraud."""

    def to_request(event: identity.AccountEvent) -> NotificationRequest:
        return NotificationRequest(
            event_id=event.id, template_key=template_key, at=event.at, order_id="", owner_id=event.user_id
        )

    return to_request


REQUEST_MAPPERS: Mapping[type[Event], RequestMapper] = {
    identity.SecondFactorAdded: _account_mapper(TemplateKey.SECOND_FACTOR_ADDED),
    identity.SecondFactorRemoved: _account_mapper(TemplateKey.SECOND_FACTOR_REMOVED),
    identity.SecondFactorReset: _account_mapper(TemplateKey.SECOND_FACTOR_RESET),
    verification.DocumentApproved: _document_mapper(TemplateKey.DOCUMENT_APPROVED),
    verification.DocumentRejected: _document_mapper(TemplateKey.DOCUMENT_REJECTED),
    verification.DocumentExpiring: _document_mapper(TemplateKey.DOCUMENT_EXPIRING),
    verification.DocumentExpired: _document_mapper(TemplateKey.DOCUMENT_EXPIRED),
    orders.OrderPlaced: order_placed,
    orders.OrderConfirmedAhead: order_confirmed_ahead,
    orders.OrderActivated: order_activated,
    recurrences.OccurrenceSkipped: occurrence_skipped,
    recurrences.RecurrenceStopped: recurrence_stopped,
    orders.OrderConfirmed: _order_mapper(TemplateKey.ORDER_CONFIRMED, CUSTOMER),
    orders.OrderPickedUp: _order_mapper(TemplateKey.ORDER_PICKED_UP, CUSTOMER),
    orders.OrderDelivered: _order_mapper(TemplateKey.ORDER_DELIVERED, CUSTOMER, MERCHANT, DRIVER),
    orders.OrderDeliveryFailed: _order_mapper(TemplateKey.DELIVERY_FAILED, CUSTOMER, MERCHANT),
    orders.OrderRedeliveryStarted: _order_mapper(TemplateKey.REDELIVERY_STARTED, CUSTOMER),
    # The merchant has to confirm the return.
    orders.OrderReturning: _order_mapper(TemplateKey.ORDER_RETURNING, MERCHANT),
    orders.OrderReturned: _order_mapper(TemplateKey.ORDER_RETURNED, CUSTOMER, DRIVER),
    # The driver is notified if one is assigned.
    orders.OrderCancelled: order_cancelled,
    substitutions.OrderSubstitutionProposed: _order_mapper(TemplateKey.SUBSTITUTION_PROPOSED, CUSTOMER),
    substitutions.OrderSubstitutionAccepted: _order_mapper(TemplateKey.SUBSTITUTION_ACCEPTED, MERCHANT),
    substitutions.OrderSubstitutionDeclined: substitution_declined,
    orders.OrderReminderRaised: order_reminder_raised,
    payments.PaymentCaptured: payment_captured,
    payments.PaymentRefunded: payment_refunded,
    payments.TipPaid: tip_paid,
    dispatch.OfferMade: offer_made,
    dispatch.OrderEscalated: order_escalated,
    orders.OrderDelayed: order_delayed,
    orders.OrderReassigned: order_reassigned,
    dispatch.DriverHandedBack: _order_mapper(TemplateKey.DRIVER_HANDED_BACK, CUSTOMER, MERCHANT),
    dispatch.DriverReplaced: _order_mapper(TemplateKey.DRIVER_REPLACED, CUSTOMER, DRIVER),
    dispatch.DriverSetOffline: driver_set_offline,
    dispatch.DriverAssigned: _order_mapper(TemplateKey.DRIVER_ASSIGNED, CUSTOMER, MERCHANT),
    dispatch.OrderUnassignable: _order_mapper(TemplateKey.ORDER_UNASSIGNABLE, CUSTOMER, MERCHANT),
}
"""The parties that act are not notified of what they did."""
