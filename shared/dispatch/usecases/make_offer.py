"""Search for a driver and make an offer.

It reads the order alone, so that a repeated, late or needless run is harmless: it searches while the
order waits, and otherwise sets the deadline of the present state again. That repairs a crash between a
commit and its deadline.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.dispatch import offers, searching
from shared.dispatch.domain import (
    Assignment,
    AssignmentContext,
    DriverIndexUnavailable,
    Offer,
    Order,
    OrderNotFound,
    OrderNotWaiting,
    offer_id,
)
from shared.dispatch.machine import OfferState
from shared.dispatch.matching import Candidate, is_available, rank
from shared.dispatch.ports import Keys, SearchPorts, Sight
from shared.dispatch.scoring import Proposal
from shared.kernel.decision import Decision
from shared.kernel.order import AssignmentState

MAX_INDEX_MISMATCHES = 10
"""Drivers whose record may contradict the index before a search waits for its next attempt."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FindDriver:
    """Find a driver for the order; `search_attempt` is the attempt that was due, None for any."""

    order_id: str
    search_attempt: int | None = None


class Outcome(StrEnum):
    """The outcome of a search."""

    OFFERED = "offered"
    POSTPONED = "postponed"
    UNASSIGNABLE = "unassignable"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(slots=True)
class _Search:
    """The state of one search; `mismatched` are drivers whose record contradicts the index."""

    sight: Sight
    not_matched: frozenset[str]
    mismatched: set[str] = field(default_factory=set)
    found_candidates: bool = False


async def make_offer(command: FindDriver, *, ports: SearchPorts, now: datetime) -> Outcome:
    """Offer the order to the best available driver, or set the time of the next search attempt.

    Raises `OrderNotFound`, and `Unavailable` when the store or the deadlines do not answer; the same
    command again then continues.
    """
    sight = await ports.store.sight(command.order_id)
    if sight is None:
        raise OrderNotFound
    order = sight.order
    due = command.search_attempt is None or command.search_attempt == order.assignment.search_attempt
    if not (order.awaits_driver() and due):
        return await _renew_deadline(order, ports)
    search = _Search(sight, await ports.store.not_matched(order.customer_id) | {order.customer_id})
    try:
        offer = await _offer_to_best(search, ports, now)
    except OrderNotWaiting:
        return Outcome.NOTHING_TO_DO
    except DriverIndexUnavailable:
        log.warning("driver_index_unavailable", extra={"order_id": order.id})
        return await _postpone(sight, None, ports, now)
    if offer is None:
        return await _postpone(sight, search.found_candidates, ports, now)
    await ports.deadlines.schedule_offer_expiry(offer.id, offer.expires_at)
    return Outcome.OFFERED


async def _renew_deadline(order: Order, ports: SearchPorts) -> Outcome:
    """Set the deadline of the order's state; setting it twice sets one."""
    assignment = order.assignment
    if assignment.state is AssignmentState.OFFERED and assignment.offer_id:
        offer = await ports.store.offer(assignment.offer_id)
        if offer and offer.state is OfferState.OPEN:
            await ports.deadlines.schedule_offer_expiry(offer.id, offer.expires_at)
    elif order.awaits_driver() and assignment.since:
        at = assignment.since + ports.config.search_delay(assignment.search_attempt)
        await ports.deadlines.schedule_search(order.id, assignment.search_attempt, at)
    return Outcome.NOTHING_TO_DO


async def _offer_to_best(search: _Search, ports: SearchPorts, now: datetime) -> Offer | None:
    """Widen the radius until a driver gets an offer; None when no driver does.

    A stale index may show an available driver as busy: the area is marked as suspect then, and a later
    attempt finds them.
    """
    order = search.sight.order
    located_since = now - ports.config.max_position_age
    for radius in ports.config.radii_m:
        drivers = await ports.index.near(order.pickup.point, radius, located_since)
        drivers = [driver for driver in drivers if driver.driver_id not in search.not_matched]
        search.found_candidates |= any(_can_still_answer(order, driver, ports, now) for driver in drivers)
        while len(search.mismatched) < MAX_INDEX_MISMATCHES:
            proposals = _proposals(order, drivers, search, ports, now)
            if not proposals:
                break
            if offer := await _offer(search.sight, proposals, ports, now):
                return offer
            search.mismatched.add(proposals[0].driver_id)
    # mutant: not-suspect
    await ports.index.mark_suspect(order.pickup.point, ports.config.radii_m[-1], ports.config.suspect_time)
    return None


def _can_still_answer(order: Order, driver: Candidate, ports: SearchPorts, now: datetime) -> bool:
    """Return whether a driver is available that this search may ask."""
    return is_available(driver, now, ports.config) and order.may_ask(driver.driver_id)


def _proposals(
    order: Order, drivers: Sequence[Candidate], search: _Search, ports: SearchPorts, now: datetime
) -> Sequence[Proposal]:
    """Return the matcher's proposal and, behind it, those for the other candidates; empty without any.

    A driver that this very offer reserved in an earlier run is free for it.
    """
    own = _next_offer(order)
    candidates = [
        replace(driver, outstanding_offer=None) if driver.outstanding_offer == own else driver
        for driver in drivers
        if driver.driver_id not in search.mismatched
    ]
    best = next(iter(ports.matcher([order], candidates, now, ports.config)), None)
    if best is None:
        return ()
    others = rank(order, candidates, now, ports.config)
    return (best, *(other for other in others if other.driver_id != best.driver_id))


async def _offer(
    sight: Sight, proposals: Sequence[Proposal], ports: SearchPorts, now: datetime
) -> Offer | None:
    """Make the offer; None when another offer has reserved the driver or their record says no."""
    order = sight.order
    name, driver_id = _next_offer(order), proposals[0].driver_id
    if not await ports.index.reserve(driver_id, name, ports.config.offer_timeout):
        return None

    def decide(context: AssignmentContext) -> offers.OfferDecision:
        return offers.make(context, order.assignment, proposals, ports.config, now)

    after = await ports.store.change(Keys(order=order.id, driver=driver_id), decide, sight=sight)
    if after.offer is None:
        await _correct_index(driver_id, name, after, ports, now)
    return after.offer


def _next_offer(order: Order) -> str:
    return offer_id(order.id, order.assignment.attempt + 1)


async def _correct_index(
    driver_id: str, offer: str, context: AssignmentContext, ports: SearchPorts, now: datetime
) -> None:
    """Store in the index what the driver's record says, including a reservation that the index lost."""
    await ports.index.release(driver_id, offer)
    if context.driver is None:
        await ports.index.remove(driver_id)
        return
    await ports.index.upsert_profile(context.driver)
    outstanding, until = context.driver.outstanding_offer, context.driver.offer_expires_at
    if outstanding and until and now < until:
        await ports.index.reserve(driver_id, outstanding, until - now)


async def _postpone(
    sight: Sight, found_candidates: bool | None, ports: SearchPorts, now: datetime
) -> Outcome:
    order = sight.order

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Assignment]:
        return searching.postpone(context, order.assignment, found_candidates, ports.config, now)

    try:
        after = await ports.store.change(Keys(order=order.id), decide, sight=sight)
    except OrderNotWaiting:
        return Outcome.NOTHING_TO_DO
    if after.state is AssignmentState.UNASSIGNABLE:
        return Outcome.UNASSIGNABLE
    delay = ports.config.search_delay(after.search_attempt)
    await ports.deadlines.schedule_search(order.id, after.search_attempt, now + delay)
    return Outcome.POSTPONED
