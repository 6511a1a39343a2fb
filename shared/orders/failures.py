"""Why deliveries fail: who is at fault, and whether another attempt makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.errors import Invalid, WrongState
from shared.kernel.order import Fulfilment
from shared.orders.businesses.policy import Fault
from shared.orders.domain import FailureReason, Order

MAX_ATTEMPTS = 3
"""How often the delivery of the same goods is attempted."""


class FailureReasonMissing(Invalid):
    """The reason of the failure is missing."""

    code = "FAILURE_REASON_MISSING"
    detail = "Send the reason why the delivery failed."


class NotAtTheDoor(WrongState):
    """The customer is blamed before the driver has arrived."""

    code = "NOT_AT_THE_DOOR"
    detail = "Arrive at the address first; a failure is the customer's fault only after that."


class NotDeliverableAgain(WrongState):
    """These goods cannot be delivered in another attempt."""

    code = "NOT_DELIVERABLE_AGAIN"
    detail = "These goods cannot be delivered in another attempt; return them."


@dataclass(frozen=True, slots=True)
class Cause:
    """Who is at `fault`, and whether another attempt makes sense."""

    fault: Fault
    retryable: bool


CAUSES: Mapping[FailureReason, Cause] = {
    FailureReason.CUSTOMER_ABSENT: Cause(Fault.CUSTOMER, retryable=True),
    FailureReason.REFUSED: Cause(Fault.CUSTOMER, retryable=False),
    FailureReason.ADDRESS_WRONG: Cause(Fault.CUSTOMER, retryable=True),
    FailureReason.NO_VALID_ID: Cause(Fault.CUSTOMER, retryable=True),
    FailureReason.WRONG_ITEMS: Cause(Fault.MERCHANT, retryable=False),
    FailureReason.DAMAGED: Cause(Fault.CARRIER, retryable=False),
    FailureReason.BREAKDOWN: Cause(Fault.CARRIER, retryable=True),
    FailureReason.UNSAFE: Cause(Fault.NONE, retryable=True),
}


def check_reason(order: Order, reason: FailureReason | None) -> FailureReason:
    """Return the reason; raises `FailureReasonMissing`, and `NotAtTheDoor` where the customer would pay
    though the driver has not arrived."""
    if reason is None:
        raise FailureReasonMissing
    if CAUSES[reason].fault is Fault.CUSTOMER and order.fulfilment is not Fulfilment.ARRIVED:
        raise NotAtTheDoor
    return reason


def check_retryable(order: Order) -> None:
    """Raise `NotDeliverableAgain` when another attempt makes no sense, or there were `MAX_ATTEMPTS`."""
    if order.failure is None or not CAUSES[order.failure].retryable:
        raise NotDeliverableAgain
    if order.delivery_attempt >= MAX_ATTEMPTS:
        raise NotDeliverableAgain(f"The delivery has failed {order.delivery_attempt} times.")
