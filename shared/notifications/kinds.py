"""What people are notified of, and in which role."""

from __future__ import annotations

from enum import StrEnum


class TemplateKey(StrEnum):
    """The kind of a notification."""

    ORDER_PLACED = "order_placed"
    ORDER_PLACED_FOR_LATER = "order_placed_for_later"
    OCCURRENCE_PLACED = "occurrence_placed"
    OCCURRENCE_SKIPPED = "occurrence_skipped"
    RECURRENCE_STOPPED = "recurrence_stopped"
    PAYMENT_CAPTURED = "payment_captured"
    PAYMENT_CAPTURED_FOR_LATER = "payment_captured_for_later"
    PAYMENT_TOO_LATE = "payment_too_late"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_CONFIRMED_AHEAD = "order_confirmed_ahead"
    ORDER_TO_CONFIRM = "order_to_confirm"
    ORDER_TO_PREPARE = "order_to_prepare"
    OFFER_MADE = "offer_made"
    DRIVER_SET_OFFLINE = "driver_set_offline"
    DRIVER_ASSIGNED = "driver_assigned"
    ORDER_PICKED_UP = "order_picked_up"
    ORDER_DELIVERED = "order_delivered"
    DELIVERY_FAILED = "delivery_failed"
    REDELIVERY_STARTED = "redelivery_started"
    ORDER_RETURNING = "order_returning"
    ORDER_RETURNED = "order_returned"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_FOR_LATER_CANCELLED = "order_for_later_cancelled"
    ORDER_UNASSIGNABLE = "order_unassignable"
    ORDER_ESCALATED = "order_escalated"
    ORDER_DELAYED = "order_delayed"
    DRIVER_HANDED_BACK = "driver_handed_back"
    DRIVER_REPLACED = "driver_replaced"
    ORDER_REASSIGNED = "order_reassigned"
    ORDER_TO_MAKE_AGAIN = "order_to_make_again"
    ORDER_TO_PACK_AGAIN = "order_to_pack_again"
    PAYMENT_REFUNDED = "payment_refunded"
    TIP_PAID = "tip_paid"
    SUBSTITUTION_PROPOSED = "substitution_proposed"
    SUBSTITUTION_ACCEPTED = "substitution_accepted"
    SUBSTITUTION_DECLINED = "substitution_declined"
    ORDER_REMINDER_RAISED = "order_reminder_raised"
    DOCUMENT_APPROVED = "document_approved"
    DOCUMENT_REJECTED = "document_rejected"
    DOCUMENT_EXPIRING = "document_expiring"
    DOCUMENT_EXPIRED = "document_expired"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_RESET = "second_factor_reset"


class Audience(StrEnum):
    """The role in which a user is notified."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    DRIVER = "driver"
    OWNER = "owner"
    OPERATOR = "operator"
