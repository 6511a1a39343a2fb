"""The search for a driver as the order sees it: empty rounds, its end, another go, its being called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.dispatch import drivers, events
from shared.dispatch.domain import Assignment, AssignmentContext, OfferState, Order, OrderNotWaiting, Verdict
from shared.dispatch.matching import Config
from shared.kernel.actor import SYSTEM
from shared.kernel.errors import Contended
from shared.kernel.event import event_id
from shared.kernel.order import AssignmentState, Fulfilment


def postpone(
    context: AssignmentContext, seen: Assignment, found_candidates: bool | None, config: Config, now: datetime
) -> Verdict[Assignment]:
    """Close a search attempt without an offer; the next one may offer to drivers again who declined.

    `found_candidates` says whether an available driver was near who had not been asked in this attempt;
    None when the index could not tell. Without a candidate or an answer for
    `config.max_search_time` the order becomes unassignable. Raises `OrderNotWaiting` when the assignment
    is no longer the one that was `seen`.
    """
    order = context.order
    if order is None or order.assignment != seen or not order.awaits_driver():
        raise OrderNotWaiting
    no_candidates_since = None if found_candidates is not False else _no_candidates_since(seen, config, now)
    if no_candidates_since and now - no_candidates_since >= config.max_search_time:
        return _give_up(context, order, no_candidates_since, now)
    after = replace(
        seen,
        state=AssignmentState.SEARCHING,
        search_attempt=seen.search_attempt + 1,
        excluded_drivers=seen.excluded_drivers if found_candidates is None else (),
        since=now,
        no_candidates_since=no_candidates_since,
        has_active_work=True,
    )
    return Verdict(AssignmentContext(replace(order, assignment=after)), (), after)


def reopen(context: AssignmentContext, config: Config, now: datetime) -> Verdict[bool]:
    """Begin the search anew when it has rested for `config.cooldown` and the order still needs a driver.

    The new attempt may offer to every driver, and nobody has been waited for yet. Says whether it was begun.
    """
    order = context.order
    if order is None or not order.is_ready_for_pickup() or not _rested(order.assignment, config, now):
        return Verdict(context, (), False)
    anew = replace(
        order.assignment,
        state=AssignmentState.SEARCHING,
        search_attempt=order.assignment.search_attempt + 1,
        excluded_drivers=(),
        since=now,
        no_candidates_since=None,
        has_active_work=True,
    )
    return Verdict(replace(context, order=replace(order, assignment=anew)), (), True)


def release(context: AssignmentContext, driver_id: str) -> Verdict[AssignmentContext]:
    """Say of an order that has ended that nothing of dispatch's is left of it; who carried it stays."""
    order = context.order
    if order is None or not order.has_ended() or order.assignment.driver_id != driver_id:
        return Verdict(context, (), context)
    after = replace(
        context, order=replace(order, assignment=replace(order.assignment, has_active_work=False))
    )
    return Verdict(after, (), after)


def cancel(context: AssignmentContext, seen: Assignment, now: datetime) -> Verdict[AssignmentContext]:
    """End search, offer or assignment of a cancelled order and free its driver; else change nothing.

    Raises `Contended` when the assignment is no longer the one that was `seen`: look again.
    """
    order, offer, driver = context.order, context.offer, context.driver
    if order is None or order.fulfilment is not Fulfilment.CANCELLED:
        return Verdict(context, (), context)
    if order.assignment != seen:
        raise Contended
    if offer and offer.state is OfferState.OPEN:
        offer = replace(offer, state=OfferState.WITHDRAWN)
    if driver:
        driver = drivers.remove_order(driver, order.id)
        driver = drivers.withdraw_offer(driver, offer.id) if offer else driver
    if seen.state is not AssignmentState.NONE or seen.has_active_work:
        ended = replace(
            seen, state=AssignmentState.NONE, offer_id=None, driver_id=None, since=now, has_active_work=False
        )
        order = replace(order, assignment=ended)
    after = AssignmentContext(order, offer, driver)
    return Verdict(after, (), after)


def _rested(seen: Assignment, config: Config, now: datetime) -> bool:
    resting = seen.state is AssignmentState.UNASSIGNABLE
    return resting and (seen.since is None or now - seen.since >= config.cooldown)


def _no_candidates_since(seen: Assignment, config: Config, now: datetime) -> datetime:
    """Return since when nobody has been near; a gap in the searching does not count as nobody there."""
    searched_on = seen.since is not None and now - seen.since <= 2 * config.max_delay
    return seen.no_candidates_since if seen.no_candidates_since and searched_on else now


def _give_up(
    context: AssignmentContext, order: Order, no_candidates_since: datetime, now: datetime
) -> Verdict[Assignment]:
    after = replace(
        order.assignment,
        state=AssignmentState.UNASSIGNABLE,
        since=now,
        no_candidates_since=no_candidates_since,
        has_active_work=True,
    )
    unassignable = events.OrderUnassignable(
        id=event_id(order.id, "order_unassignable", str(after.search_attempt)),
        at=now,
        actor=SYSTEM.uid,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
    )
    return Verdict(replace(context, order=replace(order, assignment=after)), (unassignable,), after)
