"""The fields that all events about one payment share."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from shared.kernel.actor import GATEWAY
from shared.kernel.event import event_id
from shared.kernel.subject import SubjectRef
from shared.payments.events import PaymentEvent
from shared.payments.subjects import ChargeSubject


class EventFields(TypedDict):
    """The fields of `PaymentEvent`."""

    id: str
    at: datetime
    actor: str
    order_id: str
    subject_ref: SubjectRef
    payment_id: str


def event_fields(
    event: type[PaymentEvent],
    subject: ChargeSubject,
    payment_id: str,
    now: datetime,
    *,
    actor: str = GATEWAY,
    part: str = "",
) -> EventFields:
    """Return the shared fields of an `event` about a payment.

    The event's id derives from the payment, or from `part` where one payment can have the event twice.
    """
    return {
        "id": event_id(subject.id, event.name(), part or payment_id),
        "at": now,
        "actor": actor,
        "order_id": subject.order_id,
        "subject_ref": subject.ref,
        "payment_id": payment_id,
    }
