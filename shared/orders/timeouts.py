"""How long an order waits for somebody to act before the system ends the waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.order import PAID, AssignmentState, Business, Fulfilment
from shared.orders.domain import Order, move
from shared.orders.reservations import release
from shared.orders.scheduling import activates_at
from shared.orders.sla import next_sla_check_at
from shared.orders.substitution_state import next_expiry, substitutions_in

RECHECK_AFTER = timedelta(minutes=10)
"""How soon an order is looked at again that is in somebody's hands."""

RECHECK_SOON_AFTER = timedelta(seconds=30)
"""How soon an unpaid scheduled order is checked again once it should be activated: at the next run."""


class Timeout(StrEnum):
    """Who did not act in time; also the reason that a cancellation names."""

    UNPAID = "unpaid"
    UNCONFIRMED = "unconfirmed"
    WITHOUT_DRIVER = "without_driver"
    UNANSWERED = "unanswered"
    UNDECIDED = "undecided"
    NOT_TAKEN_BACK = "not_taken_back"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an order waits: for its payment (an occurrence, which the system placed, waits longer), for
    the merchant's confirmation, for a driver once it is ready, for the driver's decision after a failed
    delivery, and for the confirmation that returned goods arrived. None waits without limit."""

    unpaid: timedelta
    unpaid_occurrence: timedelta
    unconfirmed: timedelta
    without_driver: timedelta | None
    undecided: timedelta
    not_taken_back: timedelta


_FROM_A_SHOP = Timeouts(
    unpaid=timedelta(minutes=15),
    unpaid_occurrence=timedelta(hours=6),
    unconfirmed=timedelta(minutes=10),
    without_driver=timedelta(minutes=60),
    undecided=timedelta(hours=2),
    not_taken_back=timedelta(hours=24),
)

TIMEOUTS: Mapping[Business, Timeouts] = {
    Business.FOOD: _FROM_A_SHOP,
    Business.LOCAL: _FROM_A_SHOP,
    Business.MED: replace(
        _FROM_A_SHOP,
        unpaid_occurrence=timedelta(hours=12),
        unconfirmed=timedelta(minutes=60),
        without_driver=timedelta(hours=4),
        undecided=timedelta(hours=4),
    ),
    Business.P2P: Timeouts(
        unpaid=timedelta(minutes=60),
        unpaid_occurrence=timedelta(hours=6),
        unconfirmed=timedelta(hours=24),
        without_driver=None,
        undecided=timedelta(hours=24),
        not_taken_back=timedelta(hours=72),
    ),
}

_STARTED_BY: Mapping[Fulfilment, tuple[Timeout, str]] = {
    Fulfilment.READY: (Timeout.WITHOUT_DRIVER, "order_ready"),
    Fulfilment.FAILED: (Timeout.UNDECIDED, "order_delivery_failed"),
    Fulfilment.RETURNING: (Timeout.NOT_TAKEN_BACK, "order_returning"),
}
"""What an order waits for in a state, and the entry of its timeline with which the waiting began."""


def enter(order: Order, state: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state: what it need not hold any more given back, and with the time
    of the sweeper's first look at it."""
    moved = release(move(order, state, now), before=order.fulfilment)
    offers = substitutions_in(state, moved.substitutions)
    fresh = replace(moved, substitutions=offers, reminded_at=None, delayed_since=None)
    found = (
        first_check_at(order.business, state, now),
        next_expiry(offers),
        next_sla_check_at(fresh, started=now),
    )
    return replace(fresh, next_check_at=_earliest(*found, _again(fresh, now)))


def first_check_at(business: Business, state: Fulfilment, now: datetime) -> datetime | None:
    """Return when an order that enters `state` now can first have an expired timeout, or None."""
    wait = _wait(TIMEOUTS[business], state)
    return now + wait if wait else None


def first_check_of_new(order: Order, now: datetime) -> datetime | None:
    """Return the earliest time at which there can be something to do about a new order, or None."""
    look = first_check_at(order.business, order.fulfilment, now)
    later = order.fulfilment is Fulfilment.SCHEDULED
    return min(look, activates_at(order)) if look and later else look


def is_activation_due(order: Order, now: datetime) -> bool:
    """Say whether an order for later is paid and to be handed to the shop by now."""
    waits = order.fulfilment is Fulfilment.SCHEDULED and order.payment.state in PAID
    return waits and now >= activates_at(order)


def expired_timeout(order: Order, now: datetime) -> Timeout | None:
    """Return what an order has waited for too long, or None."""
    found = _pending_timeout(order)
    return found[0] if found and now >= found[1] else None


def next_check_at(order: Order, now: datetime) -> datetime | None:
    """Return when to check an order again for an expired timeout or a missed SLA; None if never."""
    found = _pending_timeout(order)
    if found and order.fulfilment is Fulfilment.SCHEDULED:
        # Its money may come after its occurrence: the shop must not wait for it longer than needed.
        return min(found[1], max(activates_at(order), now + RECHECK_SOON_AFTER))
    if order.fulfilment is Fulfilment.SCHEDULED:
        return activates_at(order)
    return _earliest(found[1] if found else None, next_sla_check_at(order), _again(order, now))


def _again(order: Order, now: datetime) -> datetime | None:
    """Return when to look again at an order whose driver may come or go without a word to us."""
    held_up = order.fulfilment is Fulfilment.READY and TIMEOUTS[order.business].without_driver
    return now + RECHECK_AFTER if held_up else None


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time), default=None)


def _pending_timeout(order: Order) -> tuple[Timeout, datetime] | None:
    """Return what the order waits for and until when."""
    timeouts = TIMEOUTS[order.business]
    answer = next_expiry(order.substitutions)
    if answer:
        return Timeout.UNANSWERED, answer
    if order.fulfilment is Fulfilment.SCHEDULED and order.payment.state not in PAID:
        return Timeout.UNPAID, _payable_until(order, timeouts)
    if order.fulfilment is Fulfilment.PLACED:
        begun = _latest(order, "order_activated") or order.placed_at
        if order.payment.state not in PAID:
            return Timeout.UNPAID, begun + timeouts.unpaid
        paid_at = _latest(order, "payment_captured") or order.updated_at
        return Timeout.UNCONFIRMED, max(paid_at, begun) + timeouts.unconfirmed
    if order.fulfilment is Fulfilment.READY and order.assignment.state is AssignmentState.ASSIGNED:
        return None
    return _timeout_of_state(order, timeouts)


def _payable_until(order: Order, timeouts: Timeouts) -> datetime:
    """Return until when an order for later waits for its money.

    The system places an occurrence a day ahead, so its customer first has to notice it. It reserves stock
    meanwhile, so its time is limited too.
    """
    until = order.placed_at + timeouts.unpaid
    if order.recurrence_id is None:
        return until
    return max(until, min(order.placed_at + timeouts.unpaid_occurrence, activates_at(order)))


def _timeout_of_state(order: Order, timeouts: Timeouts) -> tuple[Timeout, datetime] | None:
    """Return what an order waits for since it entered its state, and until when."""
    wait = _wait(timeouts, order.fulfilment)
    if wait is None or order.fulfilment not in _STARTED_BY:
        return None
    timeout, entry = _STARTED_BY[order.fulfilment]
    return timeout, (_latest(order, entry) or order.updated_at) + wait


def _wait(timeouts: Timeouts, state: Fulfilment) -> timedelta | None:
    """Return for how long an order can be in a state at least before its timeout expires."""
    waits = {
        Fulfilment.SCHEDULED: timeouts.unpaid,
        Fulfilment.PLACED: min(timeouts.unpaid, timeouts.unconfirmed),
        Fulfilment.READY: timeouts.without_driver,
        Fulfilment.FAILED: timeouts.undecided,
        Fulfilment.RETURNING: timeouts.not_taken_back,
    }
    return waits.get(state)


def _latest(order: Order, type_: str) -> datetime | None:
    """Return when something last happened to the order, by its timeline."""
    return max((entry.at for entry in order.timeline if entry.type == type_), default=None)
