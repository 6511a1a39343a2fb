"""Decide how an order leaves its driver before the pickup, and what becomes of it after the pickup."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.dispatch import event_factory
from shared.dispatch.domain import (
    MAX_NOT_ASKED,
    Assignment,
    AssignmentContext,
    EscalationReason,
    Order,
    OrderNotFound,
)
from shared.dispatch.drivers import Driver, next_version
from shared.dispatch.machine import Cause, next_assignment
from shared.dispatch.matching import Config
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.event import Event
from shared.kernel.order import AssignmentState, Fulfilment

RECHECK = timedelta(minutes=1)
"""How soon a driver is looked at again whose state is about to change."""

OPERATOR = "operator"
"""The reason of a replacement that operators asked for."""


class OrderAlreadyPickedUp(WrongState):
    """The driver has picked up the goods."""

    code = "ORDER_ALREADY_PICKED_UP"
    detail = "You have picked up this order. Report a failed delivery, or ask support."


class HandBackReason(StrEnum):
    """Why a driver hands an order back."""

    BREAKDOWN = "breakdown"
    ACCIDENT = "accident"
    UNSAFE = "unsafe"
    GOODS_NOT_READY = "goods_not_ready"
    GOODS_TOO_LARGE = "goods_too_large"
    MERCHANT_CLOSED = "merchant_closed"
    TOO_FAR = "too_far"
    NO_TIME = "no_time"
    OTHER = "other"


_OWN_CHOICE = frozenset({HandBackReason.TOO_FAR, HandBackReason.NO_TIME, HandBackReason.OTHER})
"""The reasons that count like a declined offer; with the others, the offer counts as never made."""

HandoverDecision = Decision[AssignmentContext, Driver | None]


def hand_back(
    context: AssignmentContext, driver_id: str, reason: HandBackReason, now: datetime
) -> HandoverDecision:
    """Return the order to the search, which does not ask its driver again.

    Raises `OrderNotFound` where the order is not the driver's, and `OrderAlreadyPickedUp`.
    """
    order = context.order
    if order is None or not _is_held_by(order, driver_id):
        raise OrderNotFound
    if order.fulfilment is not Fulfilment.READY:
        raise OrderAlreadyPickedUp
    event = event_factory.driver_handed_back(order, driver_id, reason, now)
    return _release(context, order, Cause.HANDED_BACK, event, now, excused=reason not in _OWN_CHOICE)


def check_driver(
    context: AssignmentContext, last_report: datetime | None, config: Config, now: datetime
) -> HandoverDecision:
    """Look after the driver of an order: replaced, closed, with a problem, silent, heard again, or well.

    `last_report` is when the driver location index heard of them; None where it has lost them. Before the
    pickup, a driver who was replaced or closed loses the order; after it, operators decide what happens. An
    escalation ends with its reason.
    """
    order, driver = context.order, context.driver
    if order is None:
        return Decision(context, (), driver)
    seen = order.assignment
    if driver is None or order.has_ended() or not _is_held_by(order, driver.id):
        over = _without_escalation(seen) if order.has_ended() else seen
        return _stored(context, order, replace(over, check_at=None))
    if driver.id in order.replaced_drivers:
        return _take_away(context, order, driver, OPERATOR, now)
    if driver.closed and order.fulfilment is Fulfilment.READY:
        return _take_away(context, order, driver, EscalationReason.DRIVER_ACCOUNT_CLOSED, now)
    problem = order.problem()  # mutant: problem-unseen
    reason = EscalationReason.DRIVER_ACCOUNT_CLOSED if driver.closed else problem
    if reason is None:
        return _listen(context, order, last_report, config, now)
    return _escalate(context, order, replace(seen, check_at=now + config.silent_after), reason, now)


def _take_away(
    context: AssignmentContext, order: Order, driver: Driver, reason: str, now: datetime
) -> HandoverDecision:
    if order.fulfilment is not Fulfilment.READY:
        return _stored(context, order, replace(order.assignment, check_at=now + RECHECK))
    event = event_factory.driver_replaced(order, driver.id, reason, now)
    silent = order.assignment.silent_since is not None
    return _release(context, order, Cause.REPLACED, event, now, excused=not silent)


def _listen(
    context: AssignmentContext, order: Order, last_report: datetime | None, config: Config, now: datetime
) -> HandoverDecision:
    """Decide whether the driver is silent, by the last report or by how long the index has had none."""
    seen = order.assignment
    if seen.escalation is not EscalationReason.DRIVER_SILENT:
        seen = _without_escalation(seen)
    if last_report is None and seen.unheard_since is None:
        return _stored(context, order, replace(seen, unheard_since=now, check_at=now + RECHECK))
    heard = max(last_report or seen.unheard_since or now, seen.since or now)
    checked = replace(seen, unheard_since=None if last_report else seen.unheard_since)
    if now - heard >= config.silent_after:
        since, check_at = seen.silent_since or heard, now + config.silent_after
        silent = replace(checked, silent_since=since, check_at=check_at)
        return _escalate(context, order, silent, EscalationReason.DRIVER_SILENT, now)
    well = replace(checked, silent_since=None, check_at=max(heard + config.silent_after, now + RECHECK))
    return _stored(context, order, _without_escalation(well))


def _without_escalation(seen: Assignment) -> Assignment:
    return replace(seen, escalated_at=None, escalation=None)


def _escalate(
    context: AssignmentContext, order: Order, checked: Assignment, reason: EscalationReason, now: datetime
) -> HandoverDecision:
    """Report the order to operators, once for each reason."""
    if checked.escalation is reason:
        return _stored(context, order, checked)
    after = replace(order, assignment=replace(checked, escalated_at=now, escalation=reason))
    event = event_factory.order_escalated(after, now)
    return Decision(replace(context, order=after), (event,), context.driver)  # mutant: escalation-no-event


def _stored(context: AssignmentContext, order: Order, assignment: Assignment) -> HandoverDecision:
    return Decision(replace(context, order=replace(order, assignment=assignment)), (), context.driver)


def _is_held_by(order: Order, driver_id: str) -> bool:
    seen = order.assignment
    return seen.state is AssignmentState.ASSIGNED and seen.driver_id == driver_id


def _release(
    context: AssignmentContext, order: Order, cause: Cause, event: Event, now: datetime, *, excused: bool
) -> HandoverDecision:
    """Take the order from its driver and search again; the driver keeps the figures that are fair."""
    seen, driver = order.assignment, context.driver
    state = next_assignment(seen.state, cause)
    if state is None or seen.driver_id is None:
        raise OrderNotFound
    former = (*seen.former_drivers, seen.driver_id)[-MAX_NOT_ASKED:]  # mutant: asked-again
    assignment = Assignment(
        state=state,
        attempt=seen.attempt,
        excluded_drivers=seen.excluded_drivers,
        search_attempt=seen.search_attempt + 1,
        since=now,
        has_active_work=True,
        former_drivers=former,
    )
    released = driver and _without_order(driver, order.id, excused=excused)
    after = replace(context, order=replace(order, assignment=assignment), driver=released)
    return Decision(after, (event,), released)


def _without_order(driver: Driver, order_id: str, *, excused: bool) -> Driver:
    """Return the driver without the order; what they accepted and did not carry is not accepted."""
    accepted = driver.offers_accepted - 1  # mutant: handed-back-counts
    released = replace(
        driver,
        active_orders=tuple(order for order in driver.active_orders if order != order_id),
        offers_accepted=accepted,
        offers_made=max(accepted, driver.offers_made - 1) if excused else driver.offers_made,
    )
    return next_version(driver, released)
