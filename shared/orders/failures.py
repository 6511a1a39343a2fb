"""Why deliveries fail: who has to answer for it, and whether another try makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.errors import Invalid, WrongState
from shared.kernel.order import Fulfilment
from shared.orders.domain import FailureReason, Order

MAX_ATTEMPTS = 3
"""How often the same goods are brought to the door."""


class FailureReasonMissing(Invalid):
    """Say why the delivery failed."""

    code = "FAILURE_REASON_MISSING"
    detail = "Say why the delivery failed."


class NotAtTheDoor(WrongState):
    """Arrive first: only at the door can it turn out that the customer is to blame."""

    code = "NOT_AT_THE_DOOR"
    detail = "Arrive first: only at the door can it turn out that the customer is to blame."


class NotDeliverableAgain(WrongState):
    """These goods cannot be brought to the door again; take them back."""

    code = "NOT_DELIVERABLE_AGAIN"
    detail = "These goods cannot be brought to the door again; take them back."


class Fault(StrEnum):
    """Who answers for a failure."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    CARRIER = "carrier"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Cause:
    """Whose `fault` a failure is, and whether the goods can be brought `again`."""

    fault: Fault
    again: bool


CAUSES: Mapping[FailureReason, Cause] = {
    FailureReason.CUSTOMER_ABSENT: Cause(Fault.CUSTOMER, again=True),
    FailureReason.REFUSED: Cause(Fault.CUSTOMER, again=False),
    FailureReason.ADDRESS_WRONG: Cause(Fault.CUSTOMER, again=True),
    FailureReason.NO_VALID_ID: Cause(Fault.CUSTOMER, again=True),
    FailureReason.WRONG_ITEMS: Cause(Fault.MERCHANT, again=False),
    FailureReason.DAMAGED: Cause(Fault.CARRIER, again=False),
    FailureReason.BREAKDOWN: Cause(Fault.CARRIER, again=True),
    FailureReason.UNSAFE: Cause(Fault.NOBODY, again=True),
}


def check_reason(order: Order, reason: FailureReason | None) -> FailureReason:
    """Return the reason; raises `FailureReasonMissing`, and `NotAtTheDoor` where a customer who was never
    called on would have to pay."""
    if reason is None:
        raise FailureReasonMissing
    if CAUSES[reason].fault is Fault.CUSTOMER and order.fulfilment is not Fulfilment.ARRIVED:
        raise NotAtTheDoor
    return reason


def check_retryable(order: Order) -> None:
    """Raise `NotDeliverableAgain` when another try makes no sense, or there were enough of them."""
    if order.failure is None or not CAUSES[order.failure].again:
        raise NotDeliverableAgain
    if order.delivery_attempt >= MAX_ATTEMPTS:
        raise NotDeliverableAgain(f"The delivery has failed {order.delivery_attempt} times.")
