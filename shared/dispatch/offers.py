"""Every step in the life of an offer, decided over order, offer and driver at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.dispatch import drivers, events
from shared.dispatch.domain import (
    Assignment,
    Case,
    Offer,
    OfferExpired,
    OfferNotFound,
    OfferNotOpen,
    OfferState,
    Order,
    OrderNotWaiting,
    Verdict,
    offer_id,
)
from shared.dispatch.drivers import DriverNotRegistered
from shared.dispatch.matching import Config, Proposal
from shared.kernel.actor import SYSTEM
from shared.kernel.errors import TooEarly
from shared.kernel.event import Event, event_id
from shared.kernel.money import Money
from shared.kernel.order import AssignmentState, Fulfilment


def make(case: Case, seen: Assignment, proposal: Proposal, config: Config, now: datetime) -> Verdict[Case]:
    """Offer the order to the proposed driver.

    The result has no offer when the driver's record, unlike the index, says they cannot carry it.
    Raises `OrderNotWaiting` when the order's assignment is no longer the one that was `seen`.
    """
    order, driver = _waiting(case.order, seen), case.driver
    if driver is None or not driver.can_carry():
        return Verdict(case, (), case)
    attempt = seen.attempt + 1
    offer = _new_offer(order, attempt, proposal, config, now)
    assignment = replace(
        seen,
        state=AssignmentState.OFFERED,
        attempt=attempt,
        offer_id=offer.id,
        driver_id=None,
        since=now,
        lonely_since=None,
    )
    made = events.OfferMade(
        id=event_id(order.id, "offer_made", offer.id),
        at=now,
        actor=SYSTEM.uid,
        order_id=order.id,
        offer_id=offer.id,
        driver_id=driver.id,
        expires_at=offer.expires_at,
        merchant_name=order.merchant_name,
    )
    after = Case(replace(order, assignment=assignment), offer, drivers.ask(driver))
    return Verdict(after, (made,), after)


def accept(case: Case, driver_id: str, now: datetime) -> Verdict[Case]:
    """Give the order to the driver who was asked: at most one acceptance of an offer ever succeeds.

    Raises `OfferNotFound` for another driver's offer, `OfferNotOpen`, `OfferExpired` by the clock
    alone, `OrderNotWaiting`, and what `Driver.check_can_carry` raises.
    """
    offer = _answerable(case.offer, driver_id, now)
    order, driver = case.order, case.driver
    if order is None or not _still_offered(order, offer):
        raise OrderNotWaiting
    if driver is None:
        raise DriverNotRegistered
    driver.check_can_carry()
    assignment = replace(order.assignment, state=AssignmentState.ASSIGNED, driver_id=driver.id, since=now)
    assigned = events.DriverAssigned(
        id=event_id(order.id, "driver_assigned", offer.id),
        at=now,
        actor=driver.id,
        order_id=order.id,
        driver_id=driver.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
    )
    after = Case(
        replace(order, assignment=assignment),
        replace(offer, state=OfferState.ACCEPTED),
        drivers.take(driver, order.id),
    )
    return Verdict(after, (assigned,), after)


def decline(case: Case, driver_id: str, now: datetime) -> Verdict[Offer]:
    """End the offer by the driver's no; the order is searched for on.

    Raises `OfferNotFound`, `OfferNotOpen` or `OfferExpired`. When the order was cancelled meanwhile,
    the offer is withdrawn instead.
    """
    offer = _answerable(case.offer, driver_id, now)
    declined = events.OfferDeclined(
        id=event_id(offer.order_id, "offer_declined", offer.id),
        at=now,
        actor=driver_id,
        order_id=offer.order_id,
        offer_id=offer.id,
        driver_id=driver_id,
    )
    return _ended(case, offer, OfferState.DECLINED, declined, now)


def expire(case: Case, now: datetime) -> Verdict[Offer]:
    """End the offer by the clock; an offer that has ended otherwise stays as it is.

    Raises `OfferNotFound`, and `TooEarly` while the driver still has time.
    """
    offer = case.offer
    if offer is None:
        raise OfferNotFound
    if offer.state is not OfferState.OPEN:
        return Verdict(case, (), offer)
    if now < offer.expires_at:
        raise TooEarly("The offer has not expired yet.")
    expired = events.OfferExpired(
        id=event_id(offer.order_id, "offer_expired", offer.id),
        at=now,
        actor=SYSTEM.uid,
        order_id=offer.order_id,
        offer_id=offer.id,
        driver_id=offer.driver_id,
    )
    return _ended(case, offer, OfferState.EXPIRED, expired, now)


def _new_offer(order: Order, attempt: int, proposal: Proposal, config: Config, now: datetime) -> Offer:
    return Offer(
        id=offer_id(order.id, attempt),
        order_id=order.id,
        driver_id=proposal.driver_id,
        attempt=attempt,
        state=OfferState.OPEN,
        made_at=now,
        expires_at=now + config.offer_time,
        distance_m=round(proposal.distance_m, 1),
        pay=Money(order.amounts.delivery_fee, order.amounts.currency),
        pickup=order.pickup,
        dropoff=order.dropoff,
        merchant_name=order.merchant_name,
        score=proposal.score,
    )


def _waiting(order: Order | None, seen: Assignment) -> Order:
    if order is None or order.assignment != seen or not order.awaits_driver():
        raise OrderNotWaiting
    return order


def _answerable(offer: Offer | None, driver_id: str, now: datetime) -> Offer:
    if offer is None or offer.driver_id != driver_id:
        raise OfferNotFound
    if offer.state is not OfferState.OPEN:
        raise OfferNotOpen
    if now >= offer.expires_at:
        raise OfferExpired
    return offer


def _still_offered(order: Order, offer: Offer) -> bool:
    assignment = order.assignment
    asked = assignment.state is AssignmentState.OFFERED and assignment.offer_id == offer.id
    return asked and order.fulfilment is Fulfilment.READY


def _ended(case: Case, offer: Offer, state: OfferState, event: Event, now: datetime) -> Verdict[Offer]:
    """End an open offer without a taker, and send its order back to the search if it still needs one."""
    order = case.order
    if order is None or not _still_offered(order, offer):
        withdrawn = replace(offer, state=OfferState.WITHDRAWN)
        return Verdict(replace(case, offer=withdrawn), (), withdrawn)
    assignment = replace(
        order.assignment,
        state=AssignmentState.SEARCHING,
        offer_id=None,
        tried=(*order.assignment.tried, offer.driver_id),
        since=now,
    )
    ended = replace(offer, state=state)
    return Verdict(replace(case, order=replace(order, assignment=assignment), offer=ended), (event,), ended)
