"""The checks of the guards that a step may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.kernel.errors import WrongState
from shared.kernel.order import PAID, PaymentState
from shared.orders.businesses.policy import Guard
from shared.orders.domain import IllegalTransition, Order, OrderNotPaid, RequirementKind
from shared.orders.failures import check_retryable
from shared.orders.substitution_state import SubstitutionOpen, next_expiry


class RequirementNotMet(WrongState):
    """A requirement of the order is not met."""

    code = "REQUIREMENT_NOT_MET"
    detail = "A requirement of the order is not met; the message names it."


class NoDriverAssigned(WrongState):
    """No driver has the order."""

    code = "NO_DRIVER_ASSIGNED"
    detail = "No driver has this order; the search for one goes on by itself."


def check(guard: Guard, order: Order) -> None:
    """Raise `OrderNotPaid`, `RequirementNotMet`, `NotDeliverableAgain`, `SubstitutionOpen`,
    `NoDriverAssigned` or `IllegalTransition` unless the condition holds."""
    _CHECKS[guard](order)


def _paid(order: Order) -> None:
    if order.payment.state not in PAID:  # mutant: moves-unpaid
        raise OrderNotPaid


def _held(order: Order) -> None:
    if order.payment.state is not PaymentState.HELD:
        raise OrderNotPaid("The money for this order is not held in escrow.")


def _met(*kinds: RequirementKind) -> Callable[[Order], None]:
    """Return the check of the order's own requirements; most orders have none."""

    def check_requirements(order: Order) -> None:
        open_ = [need.kind for need in order.requirements if need.kind in kinds and not need.met]
        if open_:
            raise RequirementNotMet(f"Missing: {', '.join(open_)}.")

    return check_requirements


def _has_driver(order: Order) -> None:
    driver = order.assignment.driver_id
    if driver is None or driver in order.replaced_drivers:
        raise NoDriverAssigned


def _answered(order: Order) -> None:
    if next_expiry(order.substitutions):
        raise SubstitutionOpen


def _confirmed_ahead(order: Order) -> None:
    if order.confirmed_ahead_at is None:
        raise IllegalTransition("The order was not confirmed ahead.")


def _not_confirmed_ahead(order: Order) -> None:
    if order.confirmed_ahead_at is not None:
        raise IllegalTransition("The order was confirmed ahead; it is activated at its time.")


_CHECKS: Mapping[Guard, Callable[[Order], None]] = {
    Guard.PAID: _paid,
    Guard.HELD: _held,
    Guard.PRESCRIPTION: _met(RequirementKind.PRESCRIPTION),
    Guard.PICKUP_CODE: _met(RequirementKind.PICKUP_CODE),
    Guard.HANDED_OVER: _met(RequirementKind.IDENTITY, RequirementKind.PROOF),
    Guard.DELIVERY_CODE: _met(RequirementKind.DELIVERY_CODE),
    Guard.ATTEMPTS_LEFT: check_retryable,
    Guard.ANSWERED: _answered,
    Guard.HAS_DRIVER: _has_driver,
    Guard.CONFIRMED_AHEAD: _confirmed_ahead,
    Guard.NOT_CONFIRMED_AHEAD: _not_confirmed_ahead,
}
