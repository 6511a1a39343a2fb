"""Build the events of a substitution from the order and the substitution."""

from __future__ import annotations

from datetime import datetime

from shared.kernel.event import Event, event_id
from shared.orders.domain import Order
from shared.orders.substitution_state import Substitution
from shared.orders.substitutions import events


def substitution_proposed(order: Order, substitution: Substitution, by: str, now: datetime) -> Event:
    """Return the event that a member of the merchant's staff (`by`) proposed a substitution."""
    return events.OrderSubstitutionProposed(
        id=event_id(order.id, events.OrderSubstitutionProposed.name(), substitution.id),
        at=now,
        actor=by,
        order_id=order.id,
        substitution_id=substitution.id,
        customer_id=order.customer_id,
        expires_at=substitution.expires_at,
    )


def substitution_answered(
    event_class: type[events.OrderSubstitutionAnswered],
    order: Order,
    substitution: Substitution,
    by: str,
    refund: int,
    now: datetime,
) -> Event:
    """Return the event that a substitution ended; `refund` (minor units) is due because of it."""
    return event_class(
        id=event_id(order.id, event_class.name(), substitution.id),
        at=now,
        actor=by,
        order_id=order.id,
        substitution_id=substitution.id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        payment_id=order.payment.payment_id,
        refund_due=refund,
        currency=order.amounts.currency,
    )
