"""The topic of every template key; users can mute topics in their profile. Pure data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.notifications.kinds import Audience, TemplateKey

PUSH = "push"
"""The name of the channel in a profile."""


class Topic(StrEnum):
    """The topic of a notification."""

    ORDERS = "orders"
    OFFERS = "offers"
    ACCOUNT = "account"


_O = TemplateKey

TOPICS: Mapping[TemplateKey, Topic | None] = MappingProxyType(
    {
        _O.ORDER_PLACED: Topic.ORDERS,
        _O.ORDER_PLACED_FOR_LATER: Topic.ORDERS,
        _O.PAYMENT_CAPTURED: Topic.ORDERS,
        _O.PAYMENT_CAPTURED_FOR_LATER: Topic.ORDERS,
        _O.ORDER_CONFIRMED: Topic.ORDERS,
        _O.ORDER_CONFIRMED_AHEAD: Topic.ORDERS,
        _O.DRIVER_ASSIGNED: Topic.ORDERS,
        _O.ORDER_PICKED_UP: Topic.ORDERS,
        _O.ORDER_DELIVERED: Topic.ORDERS,
        _O.REDELIVERY_STARTED: Topic.ORDERS,
        _O.ORDER_RETURNING: Topic.ORDERS,
        _O.ORDER_RETURNED: Topic.ORDERS,
        _O.ORDER_UNASSIGNABLE: Topic.ORDERS,
        _O.DRIVER_HANDED_BACK: Topic.ORDERS,
        _O.ORDER_REASSIGNED: Topic.ORDERS,
        _O.TIP_PAID: Topic.ORDERS,
        _O.SUBSTITUTION_ACCEPTED: Topic.ORDERS,
        _O.SUBSTITUTION_DECLINED: Topic.ORDERS,
        _O.OFFER_MADE: Topic.OFFERS,
        _O.DOCUMENT_APPROVED: Topic.ACCOUNT,
        _O.DOCUMENT_EXPIRING: Topic.ACCOUNT,
        # An order that expires without an action now, and that this person did not just make:
        _O.OCCURRENCE_PLACED: None,
        _O.ORDER_TO_CONFIRM: None,
        _O.ORDER_TO_PREPARE: None,
        _O.ORDER_TO_MAKE_AGAIN: None,
        _O.ORDER_TO_PACK_AGAIN: None,
        # A lost order, money, or a question that expires:
        _O.OCCURRENCE_SKIPPED: None,
        _O.RECURRENCE_STOPPED: None,
        _O.ORDER_CANCELLED: None,
        _O.ORDER_ESCALATED: None,
        _O.ORDER_DELAYED: None,
        _O.DRIVER_REPLACED: None,
        _O.ORDER_FOR_LATER_CANCELLED: None,
        _O.DELIVERY_FAILED: None,
        _O.ORDER_REMINDER_RAISED: None,
        _O.PAYMENT_TOO_LATE: None,
        _O.PAYMENT_REFUNDED: None,
        _O.SUBSTITUTION_PROPOSED: None,
        # Why a user gets no more offers or may not work any more; and account security:
        _O.DRIVER_SET_OFFLINE: None,
        _O.DOCUMENT_REJECTED: None,
        _O.DOCUMENT_EXPIRED: None,
        _O.SECOND_FACTOR_ADDED: None,
        _O.SECOND_FACTOR_REMOVED: None,
        _O.SECOND_FACTOR_RESET: None,
    }
)
"""A template key without a topic cannot be muted."""

ALWAYS_PUSHED = frozenset({(_O.PAYMENT_CAPTURED, Audience.MERCHANT), (_O.ORDER_RETURNING, Audience.MERCHANT)})
"""What one audience cannot mute although others can: an order that its merchant does not confirm expires, so
does the return of goods, and staff who mute their own orders have not closed the shop."""


def may_push(template_key: TemplateKey, audience: Audience, muted: Collection[str]) -> bool:
    """Return whether a push may be sent to a user who muted these `topic.channel` names."""
    topic = TOPICS[template_key]
    always = topic is None or (template_key, audience) in ALWAYS_PUSHED  # mutant: urgent-silenced
    return always or f"{topic}.{PUSH}" not in muted  # mutant: silenced-anyway
