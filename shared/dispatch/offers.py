"""Decide every step of an offer over order, offer and driver at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.dispatch import drivers, event_factory
from shared.dispatch.domain import (
    Assignment,
    AssignmentContext,
    Offer,
    OfferAnswerTooLate,
    OfferNotFound,
    OfferNotOpen,
    Order,
    OrderNotWaiting,
    area,
    offer_id,
)
from shared.dispatch.drivers import Driver, DriverNotRegistered, VerificationDocumentsNotValid
from shared.dispatch.machine import Cause, OfferState, next_assignment, next_offer
from shared.dispatch.matching import Config
from shared.dispatch.scoring import Proposal, Ranking
from shared.kernel.decision import Decision
from shared.kernel.errors import TooEarly
from shared.kernel.event import Event
from shared.kernel.money import Money
from shared.kernel.order import AssignmentState, Fulfilment

MAX_RANKED_CANDIDATES = 20
"""How many candidates the ranking of an offer stores."""

OfferDecision = Decision[AssignmentContext, AssignmentContext]


def make(
    context: AssignmentContext,
    seen: Assignment,
    proposals: Sequence[Proposal],
    config: Config,
    now: datetime,
) -> OfferDecision:
    """Offer the order to the driver of the first proposal.

    The result has no offer when the driver's record, unlike the index, says that they cannot carry the
    order, have no valid documents or have an offer outstanding: a driver has one open offer at most,
    whatever the index lost. Raises `OrderNotWaiting` when the assignment is not the one that was `seen`.
    """
    order, driver = context.order, context.driver
    if order is None or order.assignment != seen or not order.awaits_driver():  # mutant: offer-blind
        raise OrderNotWaiting
    if driver is None or not driver.can_receive_offer() or not driver.has_valid_documents(now):
        return Decision(context, (), context)
    offer = _new_offer(order, seen.attempt + 1, proposals[0], config, now)
    assignment = replace(
        seen,
        state=_next_assignment(order, Cause.OFFER_MADE),
        attempt=offer.attempt,
        offer_id=offer.id,
        driver_id=None,
        since=now,
        has_active_work=True,
    )
    after = AssignmentContext(
        replace(order, assignment=assignment),
        offer,
        drivers.receive_offer(driver, offer.id, offer.expires_at),
        _ranking(offer, proposals),
    )
    return Decision(after, (event_factory.offer_made(offer, now),), after)


def accept(context: AssignmentContext, driver_id: str, now: datetime) -> OfferDecision:
    """Assign the order to the driver: at most one acceptance of an offer ever succeeds.

    Raises `OfferNotFound` for another driver's offer, `OfferNotOpen`, `OfferAnswerTooLate` by the clock
    alone, `OrderNotWaiting`, `VerificationDocumentsNotValid`, and what `Driver.check_can_take_order` raises.
    """
    offer = _answerable(context.offer, driver_id, now)
    order, driver = context.order, context.driver
    if order is None or not _is_current(order, offer):  # mutant: accept-blind
        raise OrderNotWaiting
    if driver is None:
        raise DriverNotRegistered
    driver.check_can_take_order()  # mutant: no-load-cap
    if not driver.has_valid_documents(now):
        raise VerificationDocumentsNotValid
    assignment = replace(
        order.assignment,
        state=_next_assignment(order, Cause.ACCEPTED),
        driver_id=driver.id,
        since=now,
        no_candidates_since=None,
        has_active_work=True,
    )
    after = AssignmentContext(
        replace(order, assignment=assignment),
        replace(offer, state=_next_offer(offer, Cause.ACCEPTED)),
        drivers.add_order(driver, order.id, offer.id),
    )
    return Decision(after, (event_factory.driver_assigned(order, offer, now),), after)


def decline(context: AssignmentContext, driver_id: str, now: datetime) -> OfferDecision:
    """End the offer because the driver declined it; the order goes back to the search.

    Raises `OfferNotFound`, `OfferNotOpen` or `OfferAnswerTooLate`. When the order was cancelled meanwhile,
    the offer is withdrawn instead.
    """
    offer = _answerable(context.offer, driver_id, now)
    return _end(context, offer, Cause.DECLINED, event_factory.offer_declined(offer, now), now)


def expire(context: AssignmentContext, now: datetime) -> OfferDecision:
    """End the offer because its time is over; an offer that has ended stays as it is.

    A driver with too many timeouts in a row is set offline. Raises `OfferNotFound`, and `TooEarly` before
    the expiry.
    """
    offer = context.offer
    if offer is None:
        raise OfferNotFound
    if next_offer(offer.state, Cause.EXPIRED) is None:
        return Decision(context, (), context)
    if now < offer.expires_at:  # mutant: expiry-by-task
        raise TooEarly("The offer has not expired yet.")
    return _end(context, offer, Cause.EXPIRED, event_factory.offer_expired(offer, now), now)


def _new_offer(order: Order, attempt: int, proposal: Proposal, config: Config, now: datetime) -> Offer:
    return Offer(
        id=offer_id(order.id, attempt),
        order_id=order.id,
        driver_id=proposal.driver_id,
        attempt=attempt,
        state=OfferState.OPEN,
        made_at=now,
        expires_at=now + config.offer_timeout,
        distance_m=round(proposal.distance_m, 1),
        pay=Money(order.amounts.delivery_fee, order.amounts.currency),
        pickup=order.pickup,
        dropoff=area(order.dropoff),
        merchant_name=order.merchant_name,
    )


def _ranking(offer: Offer, proposals: Sequence[Proposal]) -> Ranking:
    return Ranking(
        offer_id=offer.id,
        order_id=offer.order_id,
        driver_id=offer.driver_id,
        made_at=offer.made_at,
        considered=len(proposals),
        candidates=tuple(proposals[:MAX_RANKED_CANDIDATES]),
    )


def _answerable(offer: Offer | None, driver_id: str, now: datetime) -> Offer:
    if offer is None or offer.driver_id != driver_id:
        raise OfferNotFound
    if next_offer(offer.state, Cause.ACCEPTED) is None:
        raise OfferNotOpen
    if now >= offer.expires_at:  # mutant: no-expiry-check
        raise OfferAnswerTooLate
    return offer


def _is_current(order: Order, offer: Offer) -> bool:
    """Return whether the order is still offered by this offer and still ready."""
    assignment = order.assignment
    offered = assignment.state is AssignmentState.OFFERED and assignment.offer_id == offer.id
    return offered and order.fulfilment is Fulfilment.READY


def _end(
    context: AssignmentContext, offer: Offer, cause: Cause, event: Event, now: datetime
) -> OfferDecision:
    """End an open offer that was not accepted; its order goes back to the search if it still needs one."""
    order, driver = context.order, context.driver
    if order is None or not _is_current(order, offer):
        withdrawn = replace(offer, state=_next_offer(offer, Cause.ORDER_CANCELLED))
        after = replace(context, offer=withdrawn, driver=driver and drivers.withdraw_offer(driver, offer.id))
        return Decision(after, (), after)
    declined = cause is Cause.DECLINED
    assignment = replace(
        order.assignment,
        state=_next_assignment(order, cause),
        offer_id=None,
        excluded_drivers=(*order.assignment.excluded_drivers, offer.driver_id),
        since=now,
        no_candidates_since=None if declined else order.assignment.no_candidates_since,
    )
    step = drivers.decline_offer if declined else drivers.time_out_offer
    after = AssignmentContext(
        replace(order, assignment=assignment),
        replace(offer, state=_next_offer(offer, cause)),
        driver and step(driver, offer.id),
    )
    return Decision(after, (event, *_set_offline(driver, after.driver, offer, now)), after)


def _next_assignment(order: Order, cause: Cause) -> AssignmentState:
    """Return the next state of the assignment. Raises `OrderNotWaiting` where the table has no such step."""
    target = next_assignment(order.assignment.state, cause)
    if target is None:
        raise OrderNotWaiting
    return target


def _next_offer(offer: Offer, cause: Cause) -> OfferState:
    """Return the next state of the offer. Raises `OfferNotOpen` where the table has no such step."""
    target = next_offer(offer.state, cause)
    if target is None:
        raise OfferNotOpen
    return target


def _set_offline(before: Driver | None, after: Driver | None, offer: Offer, now: datetime) -> Sequence[Event]:
    """Return the event that the driver was set offline, if they were."""
    if before is None or after is None or before.status is after.status:
        return ()
    return (event_factory.driver_set_offline(after, offer, now),)
