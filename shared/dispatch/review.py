"""The review of drivers: operators approve, reject and suspend them, each with an audit entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.dispatch.audit import DriverAction
from shared.dispatch.departures import leave
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverNotFound, DriverStatus, next_version
from shared.dispatch.machine import REVIEW, ReviewCause, ReviewState
from shared.kernel.audit import OperatorAction, demand_same_reason
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.four_eyes import demand_uninvolved
from shared.kernel.vehicle import Vehicle

ACTIONS: Mapping[ReviewState, DriverAction] = {
    ReviewState.APPROVED: DriverAction.APPROVED,
    ReviewState.REJECTED: DriverAction.REJECTED,
    ReviewState.SUSPENDED: DriverAction.SUSPENDED,
}
"""The decisions of operators, by the state that they lead to, as the audit log names them."""


class AlreadyRegistered(WrongState):
    """The user is registered as a driver already."""

    code = "ALREADY_REGISTERED"
    detail = "You are registered as a driver already."


class DriverNotReviewable(WrongState):
    """The state of the driver's review does not allow this decision."""

    code = "DRIVER_NOT_REVIEWABLE"
    detail = "An applicant is rejected, an approved driver is suspended. Read the driver again."


@dataclass(frozen=True, slots=True)
class DriverReview:
    """An operator's decision about a driver."""

    action: OperatorAction
    driver_id: str
    cause: ReviewCause


DriverDecision = Decision[AssignmentContext, Driver]


def apply(known: Driver | None, uid: str, name: str, vehicle: Vehicle, now: datetime) -> Driver:
    """Return the driver who applies: a new one, or one who was rejected and applies again.

    Raises `AlreadyRegistered`.
    """
    if known is None:
        return Driver(uid, name, vehicle)
    state = REVIEW.target(known.review, ReviewCause.APPLY_AGAIN)
    if state is None:
        raise AlreadyRegistered
    again = replace(known, name=name, vehicle=vehicle)
    return _moved(again, state, "", now)


def decide(context: AssignmentContext, review: DriverReview) -> DriverDecision:
    """Return the context after an operator's decision, with its audit entry.

    A repeated decision changes nothing and has no entry; it is refused with another reason, an approval with
    any, because none is kept with the driver. A suspended driver is offline, and their outstanding offer ends
    at once; they keep the orders that they carry, which an operator can reassign or recall. Raises
    `DriverNotFound`, `OperatorInvolved`, `AlreadyDecided` or `DriverNotReviewable`.
    """
    driver = context.driver
    if driver is None:
        raise DriverNotFound
    demand_uninvolved(review.action.operator.uid, driver.id)
    if driver.review in {row.target for row in REVIEW.rows if row.cause == review.cause}:
        demand_same_reason(review.action.reason, driver.review_reason)
        return Decision(context, (), driver)
    state = REVIEW.target(driver.review, review.cause)  # mutant: driver-reviewed-in-any-state
    if state is None:
        raise DriverNotReviewable
    shown = "" if state is ReviewState.APPROVED else review.action.reason
    after = _moved(driver, state, shown, review.action.at)
    audit = review.action.entry(ACTIONS[state], driver.id)  # mutant: driver-without-entry
    if state is not ReviewState.SUSPENDED:
        return Decision(AssignmentContext(driver=after, audit=audit), (), after)
    left = leave(context, replace(after, status=DriverStatus.OFFLINE), review.action.at)
    return Decision(replace(left.state, audit=audit), left.events, left.result)


def look(context: AssignmentContext, action: OperatorAction) -> DriverDecision:
    """Return the driver as an operator reads them, with the audit entry. Raises `DriverNotFound`."""
    driver = context.driver
    if driver is None:
        raise DriverNotFound
    return Decision(
        AssignmentContext(driver=driver, audit=action.entry(DriverAction.READ, driver.id)), (), driver
    )


def _moved(driver: Driver, state: ReviewState, reason: str, now: datetime) -> Driver:
    moved = replace(
        driver,
        approved=state is ReviewState.APPROVED,
        review_state=state,
        review_reason=reason,
        reviewed_at=now,
    )
    return next_version(driver, moved)
