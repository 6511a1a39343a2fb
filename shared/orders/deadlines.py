"""How long an order waits for somebody to act before the system ends the waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.order import PAID, AssignmentState, Business, Fulfilment
from shared.orders.domain import Order, move
from shared.orders.reservations import released
from shared.orders.scheduling import activates_at
from shared.orders.stalls import next_stall
from shared.orders.substitution_state import answer_due, carried_into

LOOK_AGAIN = timedelta(minutes=10)
"""How soon an order is looked at again that is in somebody's hands."""

LOOK_SOON = timedelta(seconds=30)
"""How soon an order for later is looked at again whose turn has come before its money: at the next run."""


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
    """How long a placed order waits for its money, that of a series' turn, which was placed by us, a paid
    one for its merchant, a ready one for a driver, a failed one for the driver's next try, and returned
    goods for the word that they are back. None waits for ever."""

    unpaid: timedelta
    unpaid_turn: timedelta
    unconfirmed: timedelta
    without_driver: timedelta | None
    undecided: timedelta
    not_taken_back: timedelta


_FROM_A_SHOP = Patience(
    unpaid=timedelta(minutes=15),
    unpaid_turn=timedelta(hours=6),
    unconfirmed=timedelta(minutes=10),
    without_driver=timedelta(minutes=60),
    undecided=timedelta(hours=2),
    not_taken_back=timedelta(hours=24),
)

PATIENCE: Mapping[Business, Patience] = {
    Business.FOOD: _FROM_A_SHOP,
    Business.LOCAL: _FROM_A_SHOP,
    Business.MED: replace(
        _FROM_A_SHOP,
        unpaid_turn=timedelta(hours=12),
        unconfirmed=timedelta(minutes=60),
        without_driver=timedelta(hours=4),
        undecided=timedelta(hours=4),
    ),
    Business.P2P: Patience(
        unpaid=timedelta(minutes=60),
        unpaid_turn=timedelta(hours=6),
        unconfirmed=timedelta(hours=24),
        without_driver=None,
        undecided=timedelta(hours=24),
        not_taken_back=timedelta(hours=72),
    ),
}

_BEGUN_BY: Mapping[Fulfilment, tuple[Overdue, str]] = {
    Fulfilment.READY: (Overdue.WITHOUT_DRIVER, "order_ready"),
    Fulfilment.FAILED: (Overdue.UNDECIDED, "order_delivery_failed"),
    Fulfilment.RETURNING: (Overdue.NOT_TAKEN_BACK, "order_returning"),
}
"""What an order waits for in a state, and the entry of its timeline with which the waiting began."""


def enter(order: Order, state: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state: what it need not hold any more given back, and with the time
    of the sweeper's first look at it."""
    moved = released(move(order, state, now), before=order.fulfilment)
    offers = carried_into(state, moved.substitutions)
    fresh = replace(moved, substitutions=offers, reminded_at=None, overdue_since=None)
    found = first_look(order.business, state, now), answer_due(offers), next_stall(fresh, begun=now)
    return replace(fresh, due_at=_earliest(*found, _again(fresh, now)))


def first_look(business: Business, state: Fulfilment, now: datetime) -> datetime | None:
    """Return the earliest time at which an order that enters `state` now can be overdue, or None."""
    wait = _wait(PATIENCE[business], state)
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
    """Return when to look again at an order that is not overdue, to end it or to remind somebody of it;
    None where nobody has to act."""
    found = _waits_for(order)
    if found and order.fulfilment is Fulfilment.SCHEDULED:
        # Its money may come after its turn: the shop must not wait for it longer than needed.
        return min(found[1], max(activates_at(order), now + LOOK_SOON))
    if order.fulfilment is Fulfilment.SCHEDULED:
        return activates_at(order)
    return _earliest(found[1] if found else None, next_stall(order), _again(order, now))


def _again(order: Order, now: datetime) -> datetime | None:
    """Return when to look again at an order whose driver may come or go without a word to us."""
    held_up = order.fulfilment is Fulfilment.READY and PATIENCE[order.business].without_driver
    return now + LOOK_AGAIN if held_up else None


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time), default=None)


def _waits_for(order: Order) -> tuple[Overdue, datetime] | None:
    """Return what the order waits for and until when."""
    patience = PATIENCE[order.business]
    answer = answer_due(order.substitutions)
    if answer:
        return Overdue.UNANSWERED, answer
    if order.fulfilment is Fulfilment.SCHEDULED and order.payment.state not in PAID:
        return Overdue.UNPAID, _payable_until(order, patience)
    if order.fulfilment is Fulfilment.PLACED:
        begun = _latest(order, "order_activated") or order.placed_at
        if order.payment.state not in PAID:
            return Overdue.UNPAID, begun + patience.unpaid
        paid_at = _latest(order, "payment_captured") or order.updated_at
        return Overdue.UNCONFIRMED, max(paid_at, begun) + patience.unconfirmed
    if order.fulfilment is Fulfilment.READY and order.assignment.state is AssignmentState.ASSIGNED:
        return None
    return _waits_in_state(order, patience)


def _payable_until(order: Order, patience: Patience) -> datetime:
    """Return until when an order for later waits for its money.

    A turn of a series was placed by us, a day ahead: its customer has to find it first. Yet it keeps goods
    from others, so that it does not wait for as long as there is time.
    """
    until = order.placed_at + patience.unpaid
    if order.recurrence_id is None:
        return until
    return max(until, min(order.placed_at + patience.unpaid_turn, activates_at(order)))


def _waits_in_state(order: Order, patience: Patience) -> tuple[Overdue, datetime] | None:
    """Return what an order waits for since it entered its state, and until when."""
    wait = _wait(patience, order.fulfilment)
    if wait is None or order.fulfilment not in _BEGUN_BY:
        return None
    overdue, entry = _BEGUN_BY[order.fulfilment]
    return overdue, (_latest(order, entry) or order.updated_at) + wait


def _wait(patience: Patience, state: Fulfilment) -> timedelta | None:
    """Return for how long an order can be in a state at least before it is overdue."""
    waits = {
        Fulfilment.SCHEDULED: patience.unpaid,
        Fulfilment.PLACED: min(patience.unpaid, patience.unconfirmed),
        Fulfilment.READY: patience.without_driver,
        Fulfilment.FAILED: patience.undecided,
        Fulfilment.RETURNING: patience.not_taken_back,
    }
    return waits.get(state)


def _latest(order: Order, type_: str) -> datetime | None:
    """Return when something last happened to the order, by its timeline."""
    return max((entry.at for entry in order.timeline if entry.type == type_), default=None)
