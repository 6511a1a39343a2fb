"""How long an order waits for somebody to act before the system ends the waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.order import PAID, AssignmentState, Business, Fulfilment
from shared.orders.domain import Order, move
from shared.orders.replacing import answer_due, carried_into
from shared.orders.reservations import released
from shared.orders.scheduling import activates_at

LOOK_AGAIN = timedelta(minutes=10)
"""How soon an order is looked at again that is in somebody's hands."""


class Overdue(StrEnum):
    """Who did not act in time; also the reason that a cancellation names."""

    UNPAID = "unpaid"
    UNCONFIRMED = "unconfirmed"
    WITHOUT_DRIVER = "without_driver"
    UNANSWERED = "unanswered"
    UNDECIDED = "undecided"
    NOT_TAKEN_BACK = "not_taken_back"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a placed order waits for its money, a paid one for its merchant, a ready one for a
    driver, a failed one for the driver's next try, and returned goods for the word that they are back.
    None waits for ever."""

    unpaid: timedelta
    unconfirmed: timedelta
    without_driver: timedelta | None
    undecided: timedelta
    not_taken_back: timedelta


PATIENCE: Mapping[Business, Patience] = {
    Business.FOOD: Patience(
        unpaid=timedelta(minutes=15),
        unconfirmed=timedelta(minutes=10),
        without_driver=timedelta(minutes=60),
        undecided=timedelta(hours=2),
        not_taken_back=timedelta(hours=24),
    ),
    Business.LOCAL: Patience(
        unpaid=timedelta(minutes=15),
        unconfirmed=timedelta(minutes=10),
        without_driver=timedelta(minutes=60),
        undecided=timedelta(hours=2),
        not_taken_back=timedelta(hours=24),
    ),
    Business.MED: Patience(
        unpaid=timedelta(minutes=15),
        unconfirmed=timedelta(minutes=60),
        without_driver=timedelta(hours=4),
        undecided=timedelta(hours=4),
        not_taken_back=timedelta(hours=24),
    ),
    Business.P2P: Patience(
        unpaid=timedelta(minutes=60),
        unconfirmed=timedelta(hours=24),
        without_driver=None,
        undecided=timedelta(hours=24),
        not_taken_back=timedelta(hours=72),
    ),
}


def enter(order: Order, state: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state: what it need not hold any more given back, and with the time
    of the sweeper's first look at it."""
    moved = released(move(order, state, now), before=order.fulfilment)
    offers = carried_into(state, moved.substitutions)
    due_at = first_look(order.business, state, now) or answer_due(offers)
    return replace(moved, substitutions=offers, due_at=due_at)


def first_look(business: Business, state: Fulfilment, now: datetime) -> datetime | None:
    """Return the earliest time at which an order that enters `state` now can be overdue, or None."""
    patience = PATIENCE[business]
    waits = {
        Fulfilment.SCHEDULED: patience.unpaid,
        Fulfilment.PLACED: min(patience.unpaid, patience.unconfirmed),
        Fulfilment.READY: patience.without_driver,
        Fulfilment.FAILED: patience.undecided,
        Fulfilment.RETURNING: patience.not_taken_back,
    }
    wait = waits.get(state)
    return now + wait if wait else None


def first_look_at(order: Order, now: datetime) -> datetime | None:
    """Return the earliest time at which there can be something to do about a new order, or None."""
    look = first_look(order.business, order.fulfilment, now)
    later = order.fulfilment is Fulfilment.SCHEDULED
    return min(look, activates_at(order)) if look and later else look


def turn_has_come(order: Order, now: datetime) -> bool:
    """Say whether an order for later is paid and to be handed to the shop by now."""
    waits = order.fulfilment is Fulfilment.SCHEDULED and order.payment.state in PAID
    return waits and now >= activates_at(order)


def overdue(order: Order, now: datetime) -> Overdue | None:
    """Return what an order has waited for too long, or None."""
    found = _waits_for(order)
    return found[0] if found and now >= found[1] else None


def next_look(order: Order, now: datetime) -> datetime | None:
    """Return when to look again at an order that is not overdue; None where nobody has to act."""
    found = _waits_for(order)
    if found:
        return found[1]
    if order.fulfilment is Fulfilment.SCHEDULED:
        return activates_at(order)
    held_up = order.fulfilment is Fulfilment.READY and PATIENCE[order.business].without_driver
    return now + LOOK_AGAIN if held_up else None


def _waits_for(order: Order) -> tuple[Overdue, datetime] | None:
    """Return what the order waits for and until when."""
    patience = PATIENCE[order.business]
    answer = answer_due(order.substitutions)
    if answer:
        return Overdue.UNANSWERED, answer
    if order.fulfilment is Fulfilment.SCHEDULED and order.payment.state not in PAID:
        # One of a series was placed by us, a day ahead: its customer may pay until its turn comes.
        until = order.placed_at + patience.unpaid
        return Overdue.UNPAID, max(until, activates_at(order)) if order.recurrence_id else until
    if order.fulfilment is Fulfilment.PLACED and order.payment.state in PAID:
        paid_at = _latest(order, "payment_captured") or order.updated_at
        begun = _latest(order, "order_activated") or order.placed_at
        return Overdue.UNCONFIRMED, max(paid_at, begun) + patience.unconfirmed
    if order.fulfilment is Fulfilment.PLACED:
        begun = _latest(order, "order_activated") or order.placed_at
        return Overdue.UNPAID, begun + patience.unpaid
    if order.fulfilment is Fulfilment.READY and patience.without_driver:
        if order.assignment.state is AssignmentState.ASSIGNED:
            return None
        since = _latest(order, "order_ready") or order.updated_at
        return Overdue.WITHOUT_DRIVER, since + patience.without_driver
    if order.fulfilment is Fulfilment.FAILED:
        since = _latest(order, "order_delivery_failed") or order.updated_at
        return Overdue.UNDECIDED, since + patience.undecided
    if order.fulfilment is Fulfilment.RETURNING:
        since = _latest(order, "order_returning") or order.updated_at
        return Overdue.NOT_TAKEN_BACK, since + patience.not_taken_back
    return None


def _latest(order: Order, type_: str) -> datetime | None:
    """Return when something last happened to the order, by its timeline."""
    return max((entry.at for entry in order.timeline if entry.type == type_), default=None)
