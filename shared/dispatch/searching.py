"""The search for a driver as the order sees it: empty rounds, its end, another go, its being called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.dispatch import drivers, events
from shared.dispatch.domain import Assignment, Case, OfferState, Order, OrderNotWaiting, Verdict
from shared.dispatch.matching import Config
from shared.kernel.actor import SYSTEM
from shared.kernel.errors import Contended
from shared.kernel.event import event_id
from shared.kernel.order import AssignmentState, Fulfilment


def postpone(
    case: Case, seen: Assignment, found_anybody: bool | None, config: Config, now: datetime
) -> Verdict[Assignment]:
    """Close a round in which nobody could be asked; the next one may ask those again who said no.

    `found_anybody` says whether an available driver was near who had not been asked in this round, None
    that the index could not tell. With nobody left to ask and no answer for `config.patience` on end,
    the order becomes unassignable and the search rests. Raises `OrderNotWaiting` when the assignment
    is no longer the one that was `seen`.
    """
    order = case.order
    if order is None or order.assignment != seen or not order.awaits_driver():
        raise OrderNotWaiting
    lonely_since = None if found_anybody is not False else _lonely_since(seen, config, now)
    if lonely_since and now - lonely_since >= config.patience:
        return _give_up(case, order, lonely_since, now)
    after = replace(
        seen,
        state=AssignmentState.SEARCHING,
        round=seen.round + 1,
        tried=seen.tried if found_anybody is None else (),
        since=now,
        lonely_since=lonely_since,
        engaged=True,
    )
    return Verdict(Case(replace(order, assignment=after)), (), after)


def reopen(case: Case, config: Config, now: datetime) -> Verdict[bool]:
    """Begin the search anew when it has rested for `config.rest` and the order still needs a driver.

    The new round may ask everybody, and nobody has been waited for yet. Says whether it was begun.
    """
    order = case.order
    if order is None or not order.is_ready() or not _rested(order.assignment, config, now):
        return Verdict(case, (), False)
    anew = replace(
        order.assignment,
        state=AssignmentState.SEARCHING,
        round=order.assignment.round + 1,
        tried=(),
        since=now,
        lonely_since=None,
        engaged=True,
    )
    return Verdict(replace(case, order=replace(order, assignment=anew)), (), True)


def let_go(case: Case, driver_id: str) -> Verdict[Case]:
    """Say of an order that has ended that nothing of dispatch's is left of it; who carried it stays."""
    order = case.order
    if order is None or not order.has_ended() or order.assignment.driver_id != driver_id:
        return Verdict(case, (), case)
    after = replace(case, order=replace(order, assignment=replace(order.assignment, engaged=False)))
    return Verdict(after, (), after)


def call_off(case: Case, seen: Assignment, now: datetime) -> Verdict[Case]:
    """End search, offer or assignment of a cancelled order and free its driver; else change nothing.

    Raises `Contended` when the assignment is no longer the one that was `seen`: look again.
    """
    order, offer, driver = case.order, case.offer, case.driver
    if order is None or order.fulfilment is not Fulfilment.CANCELLED:
        return Verdict(case, (), case)
    if order.assignment != seen:
        raise Contended
    if offer and offer.state is OfferState.OPEN:
        offer = replace(offer, state=OfferState.WITHDRAWN)
    if driver:
        driver = drivers.free(driver, order.id)
        driver = drivers.release(driver, offer.id) if offer else driver
    if seen.state is not AssignmentState.NONE or seen.engaged:
        ended = replace(
            seen, state=AssignmentState.NONE, offer_id=None, driver_id=None, since=now, engaged=False
        )
        order = replace(order, assignment=ended)
    after = Case(order, offer, driver)
    return Verdict(after, (), after)


def _rested(seen: Assignment, config: Config, now: datetime) -> bool:
    resting = seen.state is AssignmentState.UNASSIGNABLE
    return resting and (seen.since is None or now - seen.since >= config.rest)


def _lonely_since(seen: Assignment, config: Config, now: datetime) -> datetime:
    """Return since when nobody has been near; a gap in the searching does not count as nobody there."""
    searched_on = seen.since is not None and now - seen.since <= 2 * config.longest_pause
    return seen.lonely_since if seen.lonely_since and searched_on else now


def _give_up(case: Case, order: Order, lonely_since: datetime, now: datetime) -> Verdict[Assignment]:
    after = replace(
        order.assignment,
        state=AssignmentState.UNASSIGNABLE,
        since=now,
        lonely_since=lonely_since,
        engaged=True,
    )
    unassignable = events.OrderUnassignable(
        id=event_id(order.id, "order_unassignable", str(after.round)),
        at=now,
        actor=SYSTEM.uid,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
    )
    return Verdict(replace(case, order=replace(order, assignment=after)), (unassignable,), after)
