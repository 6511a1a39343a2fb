"""Look for a driver: the heart of dispatch, run again after every event that may call for it.

It rests on the order alone, so that running it twice, late or needlessly does no harm: it searches
while the order waits, and otherwise makes sure that the deadline of the present state is set. That
repairs whatever a crash between commit and deadline left behind.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
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
from shared.dispatch.matching import Candidate, Proposal, available
from shared.dispatch.ports import Desk, Keys
from shared.kernel.order import AssignmentState

MAX_REFUSALS = 10
"""Drivers whose record may contradict the index before a search waits for its next round."""

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
    """One walk through the radii: who refused, and whether anybody was there at all."""

    refused: set[str]
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
    search = _Search(refused=set())
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
    """Walk outwards and ask the best driver whose record agrees; None when there is none."""
    for radius in desk.config.radii_m:
        drivers = await desk.index.near(order.pickup.point, radius, now)
        search.found_anybody |= any(available(driver, now, desk.config) for driver in drivers)
        while len(search.refused) < MAX_REFUSALS and (proposal := _best(order, drivers, search, desk, now)):
            if offer := await _ask(order, proposal, desk, now):
                return offer
            search.refused.add(proposal.driver_id)
    return None


def _best(
    order: Order, drivers: Sequence[Candidate], search: _Search, desk: Desk, now: datetime
) -> Proposal | None:
    """Return whom to ask; who is marked by this very offer, tried before or just now, counts as free."""
    own = _next_offer(order)
    willing = [
        replace(driver, asked=None) if driver.asked == own else driver
        for driver in drivers
        if driver.driver_id not in search.refused and driver.driver_id != order.customer_id
    ]
    return next(iter(desk.matcher([order], willing, now, desk.config)), None)


async def _ask(order: Order, proposal: Proposal, desk: Desk, now: datetime) -> Offer | None:
    """Make the offer; None when the driver is being asked already or their record says no."""
    name = _next_offer(order)
    if not await desk.index.reserve(proposal.driver_id, name, desk.config.offer_time):
        return None

    def decide(case: Case) -> Verdict[Case]:
        return offers.make(case, order.assignment, proposal, desk.config, now)

    after = await desk.store.change(Keys(order=order.id, driver=proposal.driver_id), decide)
    if after.offer is None:
        await _correct_index(proposal.driver_id, name, after, desk)
    return after.offer


def _next_offer(order: Order) -> str:
    return offer_id(order.id, order.assignment.attempt + 1)


async def _correct_index(driver_id: str, offer: str, case: Case, desk: Desk) -> None:
    """The record is the truth: let the index know what it says."""
    await desk.index.release(driver_id, offer)
    if case.driver is None:
        await desk.index.forget(driver_id)
    else:
        await desk.index.describe(case.driver)


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
