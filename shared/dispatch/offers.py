"""Decide how an offer is made and accepted, over order, offer and driver at once."""

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
    if not order.may_ask(driver.id):
        return Decision(context, (), context)
    made_at = context.time(now)  # mutant: offer-decided-early
    return offer_to(order, driver, proposals, Cause.OFFER_MADE, config, made_at, now)


def offer_to(
    order: Order,
    driver: Driver,
    proposals: Sequence[Proposal],
    cause: Cause,
    config: Config,
    made_at: datetime,
    now: datetime,
) -> OfferDecision:
    """Offer the order to the driver of the first proposal, whose record has been checked.

    Raises `OrderNotWaiting` where the cause is no step from the order's state.
    """
    seen = order.assignment
    offer = _new_offer(order, seen.attempt + 1, proposals[0], config, made_at)
    assignment = replace(
        seen,
        state=move_assignment(order, cause),
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
    offer = answerable(context, driver_id, now)
    order, driver = context.order, context.driver
    if order is None or not is_current(order, offer):  # mutant: accept-blind
        raise OrderNotWaiting
    if driver is None:
        raise DriverNotRegistered
    driver.check_can_take_order()  # mutant: no-load-cap
    if not driver.has_valid_documents(now):
        raise VerificationDocumentsNotValid
    assignment = replace(
        order.assignment,
        state=move_assignment(order, Cause.ACCEPTED),
        driver_id=driver.id,
        since=now,
        no_candidates_since=None,
        has_active_work=True,
        check_at=now,
        unheard_since=None,
        silent_since=None,
        escalated_at=None,
        escalation=None,
    )
    after = AssignmentContext(
        replace(order, assignment=assignment),
        replace(offer, state=move_offer(offer, Cause.ACCEPTED)),
        drivers.add_order(driver, order.id, offer.id),
    )
    return Decision(after, (event_factory.driver_assigned(order, offer, now),), after)


def _new_offer(order: Order, attempt: int, proposal: Proposal, config: Config, made_at: datetime) -> Offer:
    return Offer(
        id=offer_id(order.id, attempt),
        order_id=order.id,
        driver_id=proposal.driver_id,
        attempt=attempt,
        state=OfferState.OPEN,
        made_at=made_at,
        expires_at=made_at + config.commit_allowance + config.offer_timeout,
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


def answerable(context: AssignmentContext, driver_id: str, now: datetime) -> Offer:
    """Return the open offer to the driver.

    Raises `OfferNotFound` for another driver's offer, `OfferNotOpen`, or `OfferAnswerTooLate`.
    """
    offer = context.offer
    if offer is None or offer.driver_id != driver_id:
        raise OfferNotFound
    if next_offer(offer.state, Cause.ACCEPTED) is None:
        raise OfferNotOpen
    if context.time(now) >= offer.expires_at:  # mutant: no-expiry-check
        raise OfferAnswerTooLate
    return offer


def is_current(order: Order, offer: Offer) -> bool:
    """Return whether the order is still offered by this offer and still ready."""
    assignment = order.assignment
    offered = assignment.state is AssignmentState.OFFERED and assignment.offer_id == offer.id
    return offered and order.fulfilment is Fulfilment.READY


def move_assignment(order: Order, cause: Cause) -> AssignmentState:
    """Return the next state of the assignment. Raises `OrderNotWaiting` where the table has no such step."""
    target = next_assignment(order.assignment.state, cause)
    if target is None:
        raise OrderNotWaiting
    return target


def move_offer(offer: Offer, cause: Cause) -> OfferState:
    """Return the next state of the offer. Raises `OfferNotOpen` where the table has no such step."""
    target = next_offer(offer.state, cause)
    if target is None:
        raise OfferNotOpen
    return target
