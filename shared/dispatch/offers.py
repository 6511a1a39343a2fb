"""Every step in the life of an offer, decided over order, offer and driver at once."""

from __future__ import annotations

from collections.abc import Sequence
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
    area,
    offer_id,
)
from shared.dispatch.drivers import Driver, DriverNotRegistered, PapersNotInOrder
from shared.dispatch.matching import Config
from shared.dispatch.scoring import Proposal, Ranking
from shared.kernel.actor import SYSTEM
from shared.kernel.errors import TooEarly
from shared.kernel.event import Event, event_id
from shared.kernel.money import Money
from shared.kernel.order import AssignmentState, Fulfilment

RANKS_KEPT = 20
"""How many of those who could have been asked are told of, with their terms."""


def make(
    case: Case, seen: Assignment, options: Sequence[Proposal], config: Config, now: datetime
) -> Verdict[Case]:
    """Offer the order to the driver who comes first in the `options`.

    The result has no offer when the driver's record, unlike the index, says that they cannot carry it,
    have no good papers any more or are being asked already: this is what keeps a driver at one open
    offer, whatever the index lost.
    Raises `OrderNotWaiting` when the order's assignment is no longer the one that was `seen`.
    """
    order, driver = _waiting(case.order, seen), case.driver
    if driver is None or not driver.can_be_asked() or not driver.has_papers(now):
        return Verdict(case, (), case)
    attempt = seen.attempt + 1
    offer = _new_offer(order, attempt, options[0], config, now)
    assignment = replace(
        seen,
        state=AssignmentState.OFFERED,
        attempt=attempt,
        offer_id=offer.id,
        driver_id=None,
        since=now,
        engaged=True,
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
    after = Case(
        replace(order, assignment=assignment),
        offer,
        drivers.ask(driver, offer.id, offer.expires_at),
        _ranking(offer, options),
    )
    return Verdict(after, (made,), after)


def accept(case: Case, driver_id: str, now: datetime) -> Verdict[Case]:
    """Give the order to the driver who was asked: at most one acceptance of an offer ever succeeds.

    Raises `OfferNotFound` for another driver's offer, `OfferNotOpen`, `OfferExpired` by the clock
    alone, `OrderNotWaiting`, `PapersNotInOrder`, and what `Driver.check_can_carry` raises.
    """
    offer = _answerable(case.offer, driver_id, now)
    order, driver = case.order, case.driver
    if order is None or not _still_offered(order, offer):
        raise OrderNotWaiting
    if driver is None:
        raise DriverNotRegistered
    driver.check_can_carry()
    if not driver.has_papers(now):
        raise PapersNotInOrder
    assignment = replace(
        order.assignment,
        state=AssignmentState.ASSIGNED,
        driver_id=driver.id,
        since=now,
        lonely_since=None,
        engaged=True,
    )
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
        drivers.take(driver, order.id, offer.id),
    )
    return Verdict(after, (assigned,), after)


def decline(case: Case, driver_id: str, now: datetime) -> Verdict[Case]:
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


def expire(case: Case, now: datetime) -> Verdict[Case]:
    """End the offer by the clock; an offer that has ended otherwise stays as it is.

    A driver who has let too many lapse in a row is set offline, and told so. Raises `OfferNotFound`,
    and `TooEarly` while the driver still has time.
    """
    offer = case.offer
    if offer is None:
        raise OfferNotFound
    if offer.state is not OfferState.OPEN:
        return Verdict(case, (), case)
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
        dropoff=area(order.dropoff),
        merchant_name=order.merchant_name,
    )


def _ranking(offer: Offer, options: Sequence[Proposal]) -> Ranking:
    return Ranking(
        offer_id=offer.id,
        order_id=offer.order_id,
        driver_id=offer.driver_id,
        made_at=offer.made_at,
        considered=len(options),
        candidates=tuple(options[:RANKS_KEPT]),
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


def _ended(case: Case, offer: Offer, state: OfferState, event: Event, now: datetime) -> Verdict[Case]:
    """End an open offer without a taker, and send its order back to the search if it still needs one."""
    order, driver = case.order, case.driver
    if order is None or not _still_offered(order, offer):
        withdrawn = replace(offer, state=OfferState.WITHDRAWN)
        after = replace(case, offer=withdrawn, driver=driver and drivers.release(driver, offer.id))
        return Verdict(after, (), after)
    declined = state is OfferState.DECLINED
    assignment = replace(
        order.assignment,
        state=AssignmentState.SEARCHING,
        offer_id=None,
        tried=(*order.assignment.tried, offer.driver_id),
        since=now,
        lonely_since=None if declined else order.assignment.lonely_since,
    )
    step = drivers.refuse if declined else drivers.miss
    after = Case(
        replace(order, assignment=assignment),
        replace(offer, state=state),
        driver and step(driver, offer.id),
    )
    return Verdict(after, (event, *_set_offline(driver, after.driver, offer, now)), after)


def _set_offline(before: Driver | None, after: Driver | None, offer: Offer, now: datetime) -> Sequence[Event]:
    if before is None or after is None or before.status is after.status:
        return ()
    news = events.DriverSetOffline(
        id=event_id(after.id, "driver_set_offline", offer.id),
        at=now,
        actor=SYSTEM.uid,
        driver_id=after.id,
        missed=after.missed,
    )
    return (news,)
