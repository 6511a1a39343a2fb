"""Decide how an offer ends that is not accepted, over order, offer and driver at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.dispatch import drivers, event_factory
from shared.dispatch.domain import MAX_NOT_ASKED, AssignmentContext, Offer, OfferNotFound
from shared.dispatch.drivers import Driver
from shared.dispatch.machine import Cause, next_offer
from shared.dispatch.matching import Config
from shared.dispatch.offers import OfferDecision, answerable, is_current, move_assignment, move_offer
from shared.kernel.decision import Decision
from shared.kernel.errors import TooEarly
from shared.kernel.event import Event


@dataclass(frozen=True, slots=True)
class _Ending:
    """How an offer ends: what it means for its driver, and for the search."""

    cause: Cause
    event: Callable[[Offer, datetime], Event]
    driver: Callable[[Driver, str], Driver]
    excludes: bool = False
    """Whether this search does not offer to the driver again."""
    answered: bool = False
    """Whether it shows that drivers are there who answer."""


_DECLINED = _Ending(
    Cause.DECLINED, event_factory.offer_declined, drivers.decline_offer, excludes=True, answered=True
)
_MISSED = _Ending(Cause.EXPIRED, event_factory.offer_expired, drivers.time_out_offer, excludes=True)
_TOO_SHORT = _Ending(Cause.EXPIRED, event_factory.offer_expired, drivers.withdraw_offer)
_DRIVER_LEFT = _Ending(Cause.DRIVER_LEFT, event_factory.offer_withdrawn, drivers.withdraw_offer)


def decline(context: AssignmentContext, driver_id: str, now: datetime) -> OfferDecision:
    """End the offer because the driver declined it; the order goes back to the search.

    Raises `OfferNotFound`, `OfferNotOpen` or `OfferAnswerTooLate`. When the order was cancelled meanwhile,
    the offer is withdrawn instead.
    """
    return _end(context, answerable(context, driver_id, now), _DECLINED, now)


def expire(context: AssignmentContext, config: Config, now: datetime) -> OfferDecision:
    """End the offer because its time is over; an offer that has ended stays as it is.

    The driver missed it, unless it was stored so late that it was open for less than its time. A driver
    with too many timeouts in a row is set offline. Raises `OfferNotFound`, and `TooEarly` before
    the expiry.
    """
    offer = context.offer
    if offer is None:
        raise OfferNotFound
    if next_offer(offer.state, Cause.EXPIRED) is None:
        return Decision(context, (), context)
    if context.time(now) < offer.expires_at:  # mutant: expiry-by-task
        raise TooEarly("The offer has not expired yet.")
    whole = _was_open_for(context, offer, config.offer_timeout)  # mutant: short-offer-missed
    return _end(context, offer, _MISSED if whole else _TOO_SHORT, now)


def end_for_absent_driver(context: AssignmentContext, now: datetime) -> OfferDecision:
    """End the driver's outstanding offer because they take no orders any more; the search goes on.

    It counts neither as declined nor as missed. An offer whose time is over is left to its expiry.
    """
    offer, driver = context.offer, context.driver
    if offer is None or driver is None or driver.outstanding_offer != offer.id:
        return Decision(context, (), context)
    if next_offer(offer.state, Cause.DRIVER_LEFT) is None or context.time(now) >= offer.expires_at:
        return Decision(context, (), context)
    return _end(context, offer, _DRIVER_LEFT, now)


def _was_open_for(context: AssignmentContext, offer: Offer, span: timedelta) -> bool:
    """Return whether an expired offer was stored for at least so long before its end."""
    opened = context.offered_at or offer.made_at
    return offer.expires_at - opened >= span


def _end(context: AssignmentContext, offer: Offer, ending: _Ending, now: datetime) -> OfferDecision:
    """End an open offer that was not accepted; its order goes back to the search if it still needs one."""
    order, driver = context.order, context.driver
    if order is None or not is_current(order, offer):
        withdrawn = replace(offer, state=move_offer(offer, Cause.ORDER_CANCELLED))
        after = replace(context, offer=withdrawn, driver=driver and drivers.withdraw_offer(driver, offer.id))
        return Decision(after, (), after)
    seen = order.assignment
    excluded = [offer.driver_id] if ending.excludes else []
    assignment = replace(
        seen,
        state=move_assignment(order, ending.cause),
        offer_id=None,
        excluded_drivers=(*seen.excluded_drivers, *excluded)[-MAX_NOT_ASKED:],
        since=now,
        no_candidates_since=None if ending.answered else seen.no_candidates_since,
    )
    after = AssignmentContext(
        replace(order, assignment=assignment),
        replace(offer, state=move_offer(offer, ending.cause)),
        driver and ending.driver(driver, offer.id),
    )
    return Decision(after, (ending.event(offer, now), *_set_offline(driver, after.driver, offer, now)), after)


def _set_offline(before: Driver | None, after: Driver | None, offer: Offer, now: datetime) -> Sequence[Event]:
    """Return the event that the driver was set offline, if they were."""
    if before is None or after is None or before.status is after.status:
        return ()
    return (event_factory.driver_set_offline(after, offer, now),)
