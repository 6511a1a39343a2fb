"""Every step in the life of an offer, decided over order, offer and driver at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.dispatch import drivers, events
from shared.dispatch.domain import (
    Assignment,
    AssignmentContext,
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
from shared.dispatch.drivers import Driver, DriverNotRegistered, VerificationDocumentsNotValid
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
    context: AssignmentContext, seen: Assignment, options: Sequence[Proposal], config: Config, now: datetime
) -> Verdict[AssignmentContext]:
    """Offer the order to the driver who comes first in the `options`.

    The result has no offer when the driver's record, unlike the index, says that they cannot carry it,
    have no good papers any more or are being asked already: this is what keeps a driver at one open
    offer, whatever the index lost.
    Raises `OrderNotWaiting` when the order's assignment is no longer the one that was `seen`.
    """
    order, driver = _waiting(context.order, seen), context.driver
    if driver is None or not driver.can_receive_offer() or not driver.has_valid_documents(now):
        return Verdict(context, (), context)
    attempt = seen.attempt + 1
    offer = _new_offer(order, attempt, options[0], config, now)
    assignment = replace(
        seen,
        state=AssignmentState.OFFERED,
        attempt=attempt,
        offer_id=offer.id,
        driver_id=None,
        since=now,
        has_active_work=True,
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
    after = AssignmentContext(
        replace(order, assignment=assignment),
        offer,
        drivers.receive_offer(driver, offer.id, offer.expires_at),
        _ranking(offer, options),
    )
    return Verdict(after, (made,), after)


def accept(context: AssignmentContext, driver_id: str, now: datetime) -> Verdict[AssignmentContext]:
    """Give the order to the driver who was asked: at most one acceptance of an offer ever succeeds.

    Raises `OfferNotFound` for another driver's offer, `OfferNotOpen`, `OfferExpired` by the clock
    alone, `OrderNotWaiting`, `VerificationDocumentsNotValid`, and what `Driver.check_can_take_order` raises.
    """
    offer = _answerable(context.offer, driver_id, now)
    order, driver = context.order, context.driver
    if order is None or not _still_offered(order, offer):
        raise OrderNotWaiting
    if driver is None:
        raise DriverNotRegistered
    driver.check_can_take_order()
    if not driver.has_valid_documents(now):
        raise VerificationDocumentsNotValid
    assignment = replace(
        order.assignment,
        state=AssignmentState.ASSIGNED,
        driver_id=driver.id,
        since=now,
        no_candidates_since=None,
        has_active_work=True,
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
    after = AssignmentContext(
        replace(order, assignment=assignment),
        replace(offer, state=OfferState.ACCEPTED),
        drivers.add_order(driver, order.id, offer.id),
    )
    return Verdict(after, (assigned,), after)


def decline(context: AssignmentContext, driver_id: str, now: datetime) -> Verdict[AssignmentContext]:
    """End the offer by the driver's no; the order is searched for on.

    Raises `OfferNotFound`, `OfferNotOpen` or `OfferExpired`. When the order was cancelled meanwhile,
    the offer is withdrawn instead.
    """
    offer = _answerable(context.offer, driver_id, now)
    declined = events.OfferDeclined(
        id=event_id(offer.order_id, "offer_declined", offer.id),
        at=now,
        actor=driver_id,
        order_id=offer.order_id,
        offer_id=offer.id,
        driver_id=driver_id,
    )
    return _ended(context, offer, OfferState.DECLINED, declined, now)


def expire(context: AssignmentContext, now: datetime) -> Verdict[AssignmentContext]:
    """End the offer by the clock; an offer that has ended otherwise stays as it is.

    A driver who has let too many lapse in a row is set offline, and told so. Raises `OfferNotFound`,
    and `TooEarly` while the driver still has time.
    """
    offer = context.offer
    if offer is None:
        raise OfferNotFound
    if offer.state is not OfferState.OPEN:
        return Verdict(context, (), context)
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
    return _ended(context, offer, OfferState.EXPIRED, expired, now)


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


def _ended(
    context: AssignmentContext, offer: Offer, state: OfferState, event: Event, now: datetime
) -> Verdict[AssignmentContext]:
    """End an open offer without a taker, and send its order back to the search if it still needs one."""
    order, driver = context.order, context.driver
    if order is None or not _still_offered(order, offer):
        withdrawn = replace(offer, state=OfferState.WITHDRAWN)
        after = replace(context, offer=withdrawn, driver=driver and drivers.withdraw_offer(driver, offer.id))
        return Verdict(after, (), after)
    declined = state is OfferState.DECLINED
    assignment = replace(
        order.assignment,
        state=AssignmentState.SEARCHING,
        offer_id=None,
        excluded_drivers=(*order.assignment.excluded_drivers, offer.driver_id),
        since=now,
        no_candidates_since=None if declined else order.assignment.no_candidates_since,
    )
    step = drivers.decline_offer if declined else drivers.time_out_offer
    after = AssignmentContext(
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
        consecutive_timeouts=after.consecutive_timeouts,
    )
    return (news,)
