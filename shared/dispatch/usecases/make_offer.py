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
    AssignmentContext,
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
from shared.dispatch.ports import DispatchPorts, Keys
from shared.dispatch.scoring import Proposal
from shared.kernel.order import AssignmentState

MAX_INDEX_MISMATCHES = 10
"""Drivers whose record may contradict the index before a search waits for its next search_attempt."""

SUSPECT_FOR = timedelta(minutes=1)
"""How long the index is suspect where nobody was found: for longer than two rounds of a search lie apart."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FindDriver:
    """Find a driver for the order; `search_attempt` is the attempt that was due, None for any."""

    order_id: str
    search_attempt: int | None = None


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
    found_candidates: bool = False


async def make_offer(command: FindDriver, *, ports: DispatchPorts, now: datetime) -> Outcome:
    """Offer the order to the best available driver, or set the time of the next search.

    Raises `OrderNotFound`, and `Unavailable` when the store or the deadlines do not answer; the same
    command again then carries on.
    """
    order = await ports.store.order(command.order_id)
    if order is None:
        raise OrderNotFound
    due = command.search_attempt is None or command.search_attempt == order.assignment.search_attempt
    if not (order.awaits_driver() and due):
        return await _renew_deadline(order, ports)
    search = _Search(await ports.store.not_matched(order.customer_id) | {order.customer_id})
    try:
        offer = await _offer_to_best(order, search, ports, now)
    except OrderNotWaiting:
        return Outcome.NOTHING_TO_DO
    except DriverIndexUnavailable:
        log.warning("driver_index_unavailable", extra={"order_id": order.id})
        return await _postpone(order, None, ports, now)
    if offer is None:
        return await _postpone(order, search.found_candidates, ports, now)
    await ports.deadlines.schedule_offer_expiry(offer.id, offer.expires_at)
    return Outcome.OFFERED


async def _renew_deadline(order: Order, ports: DispatchPorts) -> Outcome:
    """Set the deadline that the order's state calls for; setting it twice is one."""
    assignment = order.assignment
    if assignment.state is AssignmentState.OFFERED and assignment.offer_id:
        offer = await ports.store.offer(assignment.offer_id)
        if offer and offer.state is OfferState.OPEN:
            await ports.deadlines.schedule_offer_expiry(offer.id, offer.expires_at)
    elif order.awaits_driver() and assignment.since:
        at = assignment.since + ports.config.search_delay(assignment.search_attempt)
        await ports.deadlines.schedule_search(order.id, assignment.search_attempt, at)
    return Outcome.NOTHING_TO_DO


async def _offer_to_best(order: Order, search: _Search, ports: DispatchPorts, now: datetime) -> Offer | None:
    """Walk outwards and ask the best driver whose record agrees; None when there is none.

    Perhaps there is one, and the index has fallen back to when they were busy: then it is suspect, and
    the next attempt finds them.
    """
    for radius in ports.config.radii_m:
        drivers = await ports.index.near(order.pickup.point, radius, now)
        drivers = [driver for driver in drivers if driver.driver_id not in search.left_out]
        search.found_candidates |= any(_can_still_answer(order, driver, ports, now) for driver in drivers)
        while len(search.refused) < MAX_INDEX_MISMATCHES and (
            options := _options(order, drivers, search, ports, now)
        ):
            if offer := await _ask(order, options, ports, now):
                return offer
            search.refused.add(options[0].driver_id)
    await ports.index.mark_suspect(order.pickup.point, ports.config.radii_m[-1], SUSPECT_FOR)
    return None


def _can_still_answer(order: Order, driver: Candidate, ports: DispatchPorts, now: datetime) -> bool:
    """Say whether a driver is there who has neither declined nor let lapse in this search_attempt."""
    return available(driver, now, ports.config) and driver.driver_id not in order.assignment.excluded_drivers


def _options(
    order: Order, drivers: Sequence[Candidate], search: _Search, ports: DispatchPorts, now: datetime
) -> Sequence[Proposal]:
    """Return whom to ask and, behind them, who could be asked as well; empty when there is nobody.

    A driver who is reserved by this very offer counts as free.
    """
    own = _next_offer(order)
    willing = [
        replace(driver, asked=None) if driver.asked == own else driver
        for driver in drivers
        if driver.driver_id not in search.refused
    ]
    best = next(iter(ports.matcher([order], willing, now, ports.config)), None)
    if best is None:
        return ()
    others = ranked(order, willing, now, ports.config)
    return (best, *(other for other in others if other.driver_id != best.driver_id))


async def _ask(
    order: Order, options: Sequence[Proposal], ports: DispatchPorts, now: datetime
) -> Offer | None:
    """Make the offer; None when the driver is being asked already or their record says no."""
    name, driver_id = _next_offer(order), options[0].driver_id
    if not await ports.index.reserve(driver_id, name, ports.config.offer_timeout):
        return None

    def decide(context: AssignmentContext) -> Verdict[AssignmentContext]:
        return offers.make(context, order.assignment, options, ports.config, now)

    after = await ports.store.change(Keys(order=order.id, driver=driver_id), decide)
    if after.offer is None:
        await _correct_index(driver_id, name, after, ports, now)
    return after.offer


def _next_offer(order: Order) -> str:
    return offer_id(order.id, order.assignment.attempt + 1)


async def _correct_index(
    driver_id: str, offer: str, context: AssignmentContext, ports: DispatchPorts, now: datetime
) -> None:
    """The record is the truth: let the index know what it says, also whom it has forgotten to be asked."""
    await ports.index.release(driver_id, offer)
    if context.driver is None:
        await ports.index.remove(driver_id)
        return
    await ports.index.upsert_profile(context.driver)
    asked, until = context.driver.outstanding_offer, context.driver.offer_expires_at
    if asked and until and now < until:
        await ports.index.reserve(driver_id, asked, until - now)


async def _postpone(
    order: Order, found_candidates: bool | None, ports: DispatchPorts, now: datetime
) -> Outcome:
    def decide(context: AssignmentContext) -> Verdict[Assignment]:
        return searching.postpone(context, order.assignment, found_candidates, ports.config, now)

    try:
        after = await ports.store.change(Keys(order=order.id), decide)
    except OrderNotWaiting:
        return Outcome.NOTHING_TO_DO
    if after.state is AssignmentState.UNASSIGNABLE:
        return Outcome.UNASSIGNABLE
    await ports.deadlines.schedule_search(
        order.id, after.search_attempt, now + ports.config.search_delay(after.search_attempt)
    )
    return Outcome.POSTPONED
