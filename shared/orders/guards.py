"""What a step may depend on beside the state it starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from shared.kernel.errors import WrongState
from shared.kernel.order import PAID, PaymentState
from shared.orders.domain import Order, OrderNotPaid, RequirementKind
from shared.orders.failures import check_retryable
from shared.orders.substitution_state import SubstitutionOpen, next_expiry


class RequirementNotMet(WrongState):
    """Something has to be shown first."""

    code = "REQUIREMENT_NOT_MET"
    detail = "Something has to be shown first."


class Guard(StrEnum):
    """A condition, by the name under which the documentation shows it."""

    PAID = "paid"
    HELD = "held in escrow"
    PRESCRIPTION = "prescription approved"
    PICKUP_CODE = "pickup code scanned"
    HANDED_OVER = "identity and proof as required"
    DELIVERY_CODE = "delivery code scanned"
    ATTEMPTS_LEFT = "can be tried again"
    ANSWERED = "no substitution open"


def check(guard: Guard, order: Order) -> None:
    """Raise `OrderNotPaid`, `RequirementNotMet`, `NotDeliverableAgain` or `SubstitutionOpen` unless the
    condition holds."""
    _CHECKS[guard](order)


def _paid(order: Order) -> None:
    if order.payment.state not in PAID:
        raise OrderNotPaid


def _held(order: Order) -> None:
    if order.payment.state is not PaymentState.HELD:
        raise OrderNotPaid("The money for this order is not held in escrow.")


def _met(*kinds: RequirementKind) -> Callable[[Order], None]:
    """Return the check of what the order itself demands; most orders demand nothing."""

    def check_requirements(order: Order) -> None:
        open_ = [need.kind for need in order.requirements if need.kind in kinds and not need.met]
        if open_:
            raise RequirementNotMet(f"Missing: {', '.join(open_)}.")

    return check_requirements


def _answered(order: Order) -> None:
    if next_expiry(order.substitutions):
        raise SubstitutionOpen


_CHECKS: Mapping[Guard, Callable[[Order], None]] = {
    Guard.PAID: _paid,
    Guard.HELD: _held,
    Guard.PRESCRIPTION: _met(RequirementKind.PRESCRIPTION),
    Guard.PICKUP_CODE: _met(RequirementKind.PICKUP_CODE),
    Guard.HANDED_OVER: _met(RequirementKind.IDENTITY, RequirementKind.PROOF),
    Guard.DELIVERY_CODE: _met(RequirementKind.DELIVERY_CODE),
    Guard.ATTEMPTS_LEFT: check_retryable,
    Guard.ANSWERED: _answered,
}
