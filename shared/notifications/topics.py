"""What people may keep silent: every occasion's topic, in the words of their profile. Pure data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.notifications.templates import Audience, Occasion

PUSH = "push"
"""The channel, as a profile names it."""


class Topic(StrEnum):
    """What a notification is about."""

    ORDERS = "orders"
    OFFERS = "offers"
    ACCOUNT = "account"


_O = Occasion

TOPICS: Mapping[Occasion, Topic | None] = MappingProxyType(
    {
        _O.ORDER_PLACED: Topic.ORDERS,
        _O.PAYMENT_CAPTURED: Topic.ORDERS,
        _O.ORDER_CONFIRMED: Topic.ORDERS,
        _O.DRIVER_ASSIGNED: Topic.ORDERS,
        _O.ORDER_PICKED_UP: Topic.ORDERS,
        _O.ORDER_DELIVERED: Topic.ORDERS,
        _O.REDELIVERY_STARTED: Topic.ORDERS,
        _O.ORDER_RETURNING: Topic.ORDERS,
        _O.ORDER_RETURNED: Topic.ORDERS,
        _O.ORDER_UNASSIGNABLE: Topic.ORDERS,
        _O.TIP_PAID: Topic.ORDERS,
        _O.SUBSTITUTION_ACCEPTED: Topic.ORDERS,
        _O.SUBSTITUTION_DECLINED: Topic.ORDERS,
        _O.OFFER_MADE: Topic.OFFERS,
        _O.DOCUMENT_APPROVED: Topic.ACCOUNT,
        _O.DOCUMENT_EXPIRING: Topic.ACCOUNT,
        # An order that does not come, somebody's money, a question that ends by itself:
        _O.ORDER_CANCELLED: None,
        _O.DELIVERY_FAILED: None,
        _O.ORDER_REMINDER_RAISED: None,
        _O.PAYMENT_TOO_LATE: None,
        _O.PAYMENT_REFUNDED: None,
        _O.SUBSTITUTION_PROPOSED: None,
        # Why somebody is not asked, or may not work, any more; and who may sign in as them:
        _O.DRIVER_SET_OFFLINE: None,
        _O.DOCUMENT_REJECTED: None,
        _O.DOCUMENT_EXPIRED: None,
        _O.SECOND_FACTOR_RESET: None,
    }
)
"""Without a topic, it rings whatever somebody wishes."""

WAITED_FOR = frozenset({(_O.PAYMENT_CAPTURED, Audience.MERCHANT)})
"""What waits for whoever is told, though others may silence it: an order that its shop does not take ends
by itself, and who has silenced their own orders has not closed their shop."""


def may_ring(occasion: Occasion, audience: Audience, muted: Collection[str]) -> bool:
    """Say whether a phone may ring for it; `muted` are the `topic.channel` that shall not disturb."""
    topic = TOPICS[occasion]
    rings_always = topic is None or (occasion, audience) in WAITED_FOR
    return rings_always or f"{topic}.{PUSH}" not in muted
