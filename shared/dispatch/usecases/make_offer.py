"""Look for a driver: the heart of dispatch, run again after every event that may call for it.

It rests on the order alone, so that running it twice, late or needlessly does no harm: it searches
while the order waits, and otherwise makes sure that the deadline of the present state is set. That
repairs whatever a crash between commit and deadline left behind.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.dispatch import offers, searching
from shared.dispatch.domain import (
    Assignment,
    Case,
    DriverIndexUnavailable,
    Offer,
    OfferState,
    Order,
    OrderNotFound,
    OrderNotWaiting,
    Verdict,
    offer_id,
)
from shared.dispatch.matching import Candidate, available, ranked
from shared.dispatch.ports import Desk, Keys
from shared.dispatch.scoring import Proposal
from shared.kernel.order import AssignmentState

MAX_REFUSALS = 10
"""Drivers whose record may contradict the index before a search waits for its next round."""

DOUBTED_FOR = timedelta(minutes=1)
"""How long the index is doubted where nobody was found: for longer than two rounds of a search lie apart."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FindDriver:
    """Find a driver for the order; `round` names the round that was due, None asks for whichever is."""

    order_id: str
    round: int | None = None


class Outcome(StrEnum):
    """What came of it."""

    OFFERED = "offered"
    POSTPONED = "postponed"
    UNASSIGNABLE = "unassignable"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(slots=True)
class _Search:
    """One walk through the radii: who is never asked, who refused, and whether anybody was left to ask."""

    left_out: frozenset[str]
    refused: set[str] = field(default_factory=set)
    found_anybody: bool = False


async def make_offer(command: FindDriver, *, desk: Desk, now: datetime) -> Outcome:
    """Offer the order to the best available driver, or set the time of the next search.

    Raises `OrderNotFound`, and `Unavailable` when the store or the deadlines do not answer; the same
    command again then carries on.
    """
    order = await desk.store.order(command.order_id)
    if order is None:
        raise OrderNotFound
    due = command.round is None or command.round == order.assignment.round
    if not (order.awaits_driver() and due):
        return await _renew_deadline(order, desk)
    search = _Search(await desk.store.not_matched(order.customer_id) | {order.customer_id})
    try:
        offer = await _offer_to_best(order, search, desk, now)
    except OrderNotWaiting:
        return Outcome.NOTHING_TO_DO
    except DriverIndexUnavailable:
        log.warning("driver_index_unavailable", extra={"order_id": order.id})
        return await _postpone(order, None, desk, now)
    if offer is None:
        return await _postpone(order, search.found_anybody, desk, now)
    await desk.deadlines.offer_expires(offer.id, offer.expires_at)
    return Outcome.OFFERED


async def _renew_deadline(order: Order, desk: Desk) -> Outcome:
    """Set the deadline that the order's state calls for; setting it twice is one."""
    assignment = order.assignment
    if assignment.state is AssignmentState.OFFERED and assignment.offer_id:
        offer = await desk.store.offer(assignment.offer_id)
        if offer and offer.state is OfferState.OPEN:
            await desk.deadlines.offer_expires(offer.id, offer.expires_at)
    elif order.awaits_driver() and assignment.since:
        at = assignment.since + desk.config.pause(assignment.round)
        await desk.deadlines.search_again(order.id, assignment.round, at)
    return Outcome.NOTHING_TO_DO


async def _offer_to_best(order: Order, search: _Search, desk: Desk, now: datetime) -> Offer | None:
    """Walk outwards and ask the best driver whose record agrees; None when there is none.

    Perhaps there is one, and the index has fallen back to when they were busy: then it is doubted, and
    the next round finds them.
    """
    for radius in desk.config.radii_m:
        drivers = await desk.index.near(order.pickup.point, radius, now)
        drivers = [driver for driver in drivers if driver.driver_id not in search.left_out]
        search.found_anybody |= any(_can_still_answer(order, driver, desk, now) for driver in drivers)
        while len(search.refused) < MAX_REFUSALS and (options := _options(order, drivers, search, desk, now)):
            if offer := await _ask(order, options, desk, now):
                return offer
            search.refused.add(options[0].driver_id)
    await desk.index.doubt(order.pickup.point, desk.config.radii_m[-1], DOUBTED_FOR)
    return None


def _can_still_answer(order: Order, driver: Candidate, desk: Desk, now: datetime) -> bool:
    """Say whether a driver is there who has neither declined nor let lapse in this round."""
    return available(driver, now, desk.config) and driver.driver_id not in order.assignment.tried


def _options(
    order: Order, drivers: Sequence[Candidate], search: _Search, desk: Desk, now: datetime
) -> Sequence[Proposal]:
    """Return whom to ask and, behind them, who could be asked as well; empty when there is nobody.

    Who is marked by this very offer, tried before or just now, counts as free.
    """
    own = _next_offer(order)
    willing = [
        replace(driver, asked=None) if driver.asked == own else driver
        for driver in drivers
        if driver.driver_id not in search.refused
    ]
    best = next(iter(desk.matcher([order], willing, now, desk.config)), None)
    if best is None:
        return ()
    others = ranked(order, willing, now, desk.config)
    return (best, *(other for other in others if other.driver_id != best.driver_id))


async def _ask(order: Order, options: Sequence[Proposal], desk: Desk, now: datetime) -> Offer | None:
    """Make the offer; None when the driver is being asked already or their record says no."""
    name, driver_id = _next_offer(order), options[0].driver_id
    if not await desk.index.reserve(driver_id, name, desk.config.offer_time):
        return None

    def decide(case: Case) -> Verdict[Case]:
        return offers.make(case, order.assignment, options, desk.config, now)

    after = await desk.store.change(Keys(order=order.id, driver=driver_id), decide)
    if after.offer is None:
        await _correct_index(driver_id, name, after, desk, now)
    return after.offer


def _next_offer(order: Order) -> str:
    return offer_id(order.id, order.assignment.attempt + 1)


async def _correct_index(driver_id: str, offer: str, case: Case, desk: Desk, now: datetime) -> None:
    """The record is the truth: let the index know what it says, also whom it has forgotten to be asked."""
    await desk.index.release(driver_id, offer)
    if case.driver is None:
        await desk.index.forget(driver_id)
        return
    await desk.index.describe(case.driver)
    asked, until = case.driver.open_offer, case.driver.asked_until
    if asked and until and now < until:
        await desk.index.reserve(driver_id, asked, until - now)


async def _postpone(order: Order, found_anybody: bool | None, desk: Desk, now: datetime) -> Outcome:
    def decide(case: Case) -> Verdict[Assignment]:
        return searching.postpone(case, order.assignment, found_anybody, desk.config, now)

    try:
        after = await desk.store.change(Keys(order=order.id), decide)
    except OrderNotWaiting:
        return Outcome.NOTHING_TO_DO
    if after.state is AssignmentState.UNASSIGNABLE:
        return Outcome.UNASSIGNABLE
    await desk.deadlines.search_again(order.id, after.round, now + desk.config.pause(after.round))
    return Outcome.POSTPONED
