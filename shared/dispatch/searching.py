"""Decide over the search for a driver: an attempt without an offer, the end, a new start, a cancellation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.dispatch import drivers, event_factory
from shared.dispatch.domain import Assignment, AssignmentContext, EscalationReason, Order, OrderNotWaiting
from shared.dispatch.drivers import Driver
from shared.dispatch.machine import Cause, next_assignment, next_offer
from shared.dispatch.matching import Config
from shared.kernel.decision import Decision
from shared.kernel.errors import Contended
from shared.kernel.order import AssignmentState, Fulfilment

ContextDecision = Decision[AssignmentContext, AssignmentContext]


def postpone(
    context: AssignmentContext, seen: Assignment, found_candidates: bool | None, config: Config, now: datetime
) -> Decision[AssignmentContext, Assignment]:
    """Close a search attempt without an offer; the next attempt may offer to excluded drivers again.

    `found_candidates` says whether an available driver was near who was not excluded; None when the index
    did not answer. Without a candidate and an answer for `config.max_search_time` the order becomes
    unassignable. Raises `OrderNotWaiting` when the assignment is not the one that was `seen`.
    """
    order = context.order
    if order is None or order.assignment != seen or not order.awaits_driver():
        raise OrderNotWaiting
    since = None if found_candidates is not False else _no_candidates_since(seen, config, now)
    if since and _has_timed_out(seen, since, config, now):
        return _give_up(context, order, since, now)
    after = replace(
        seen,
        state=_next(seen, Cause.NO_OFFER_POSSIBLE),
        search_attempt=seen.search_attempt + 1,
        excluded_drivers=seen.excluded_drivers if found_candidates is None else (),
        since=now,
        no_candidates_since=since,
        has_active_work=True,
    )
    return Decision(AssignmentContext(replace(order, assignment=after)), (), after)


def reopen(context: AssignmentContext, config: Config, now: datetime) -> Decision[AssignmentContext, bool]:
    """Start a new search when the last one ended `config.cooldown` ago and the order still waits.

    The new search excludes no driver. The result says whether it was started.
    """
    order = context.order
    if order is None or not order.is_ready_for_pickup() or not _cooled_down(order.assignment, config, now):
        return Decision(context, (), False)
    reopened = begin_again(order, Cause.SEARCH_REOPENED, now)
    return Decision(replace(context, order=reopened), (), True)


def begin_again(order: Order, cause: Cause, now: datetime) -> Order:
    """Return the order in a new search. Raises `OrderNotWaiting` where the cause is no step."""
    seen = order.assignment
    begun = replace(
        seen,
        state=_next(seen, cause),
        search_attempt=seen.search_attempt + 1,
        excluded_drivers=(),
        since=now,
        no_candidates_since=None,
        has_active_work=True,
    )
    return replace(order, assignment=begun)


def release(context: AssignmentContext, driver_id: str) -> ContextDecision:
    """Mark an ended order as without active work; its driver stays recorded."""
    order = context.order
    if order is None or not order.has_ended() or order.assignment.driver_id != driver_id:
        return Decision(context, (), context)
    over = replace(order.assignment, escalated_at=None, escalation=None)  # mutant: escalation-stays
    released = replace(over, has_active_work=False, check_at=None)
    after = replace(context, order=replace(order, assignment=released))
    return Decision(after, (), after)


def releasable(order: Order) -> str | None:
    """Return the driver that the delivery of an order releases in its own commit.

    None where dispatch does it later: an order that operators look at stays with dispatch, which knows why.
    """
    if order.fulfilment is not Fulfilment.DELIVERED or order.assignment.escalated_at:
        return None
    return order.assignment.driver_id


def deliver(order: Order, driver: Driver | None) -> AssignmentContext | None:
    """Return a delivered order without active work, and its driver without the order.

    None where the driver's list does not name the order: dispatch looks into it.
    """
    if driver is None or order.id not in driver.active_orders:
        return None
    released = release(AssignmentContext(order), driver.id).state
    return replace(released, driver=drivers.remove_order(driver, order.id))


def cancel(context: AssignmentContext, seen: Assignment, now: datetime) -> ContextDecision:
    """End search, offer or assignment of a cancelled order and release its driver; else change nothing.

    Raises `Contended` when the assignment is not the one that was `seen`: read it again.
    """
    order, offer, driver = context.order, context.offer, context.driver
    if order is None or order.fulfilment is not Fulfilment.CANCELLED:
        return Decision(context, (), context)
    if order.assignment != seen:
        raise Contended
    if offer and (withdrawn := next_offer(offer.state, Cause.ORDER_CANCELLED)):
        offer = replace(offer, state=withdrawn)  # mutant: offer-outlives-order
    if driver:
        driver = drivers.remove_order(driver, order.id)  # mutant: cancelled-stays
        driver = drivers.withdraw_offer(driver, offer.id) if offer else driver
    state = next_assignment(seen.state, Cause.ORDER_CANCELLED)
    if state or seen.has_active_work:
        ended = replace(
            seen,
            state=state or seen.state,
            offer_id=None,
            driver_id=None,
            since=now,
            has_active_work=False,
            check_at=None,
            silent_since=None,
            escalated_at=None,
            escalation=None,
        )
        order = replace(order, assignment=ended)
    after = AssignmentContext(order, offer, driver)
    return Decision(after, (), after)


def _next(assignment: Assignment, cause: Cause) -> AssignmentState:
    """Return the next state. Raises `OrderNotWaiting` where the table has no such step."""
    target = next_assignment(assignment.state, cause)
    if target is None:
        raise OrderNotWaiting
    return target


def _cooled_down(seen: Assignment, config: Config, now: datetime) -> bool:
    over = next_assignment(seen.state, Cause.SEARCH_REOPENED) is not None
    return over and (seen.since is None or now - seen.since >= config.cooldown)


def _has_timed_out(seen: Assignment, no_candidates_since: datetime, config: Config, now: datetime) -> bool:
    can_time_out = next_assignment(seen.state, Cause.SEARCH_TIMED_OUT) is not None
    return can_time_out and now - no_candidates_since >= config.max_search_time


def _no_candidates_since(seen: Assignment, config: Config, now: datetime) -> datetime:
    """Return since when there has been no candidate; a gap between two attempts does not count."""
    continuous = seen.since is not None and now - seen.since <= 2 * config.max_delay
    return seen.no_candidates_since if seen.no_candidates_since and continuous else now


def _give_up(
    context: AssignmentContext, order: Order, no_candidates_since: datetime, now: datetime
) -> Decision[AssignmentContext, Assignment]:
    after = replace(
        order.assignment,
        state=_next(order.assignment, Cause.SEARCH_TIMED_OUT),
        since=now,
        no_candidates_since=no_candidates_since,
        has_active_work=True,
        escalated_at=now,
        escalation=EscalationReason.NO_DRIVER,
    )
    found = replace(order, assignment=after)
    events = (
        event_factory.order_unassignable(order, after.search_attempt, now),
        event_factory.order_escalated(found, now),
    )
    return Decision(replace(context, order=found), events, after)
