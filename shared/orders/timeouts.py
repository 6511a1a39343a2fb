"""When an order's waiting ends: which timeout is pending, and when the sweeper checks the order next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.order import PAID, AssignmentState, Fulfilment
from shared.orders.businesses.policy import BusinessPolicy, Timeouts
from shared.orders.closing import closed
from shared.orders.domain import Order, move
from shared.orders.reservations import release
from shared.orders.scheduling import activates_at
from shared.orders.sla import next_sla_check_at
from shared.orders.substitution_state import next_expiry, substitutions_in

RECHECK_AFTER = timedelta(minutes=10)
"""How soon a ready order is checked again: dispatch assigns and releases its driver in its own slice."""

RECHECK_SOON_AFTER = timedelta(seconds=30)
"""How soon an unpaid scheduled order is checked again once it should be activated: at the next run."""


class Timeout(StrEnum):
    """Who did not act in time; also the reason that a cancellation names."""

    UNPAID = "unpaid"
    UNCONFIRMED = "unconfirmed"
    NOT_PREPARED = "not_prepared"
    WITHOUT_DRIVER = "without_driver"
    NOT_PICKED_UP = "not_picked_up"
    NOT_DELIVERED = "not_delivered"
    UNANSWERED = "unanswered"
    UNDECIDED = "undecided"
    NOT_TAKEN_BACK = "not_taken_back"


_SEARCHED_FROM = ("order_ready", "driver_handed_back", "driver_replaced", "order_reassigned")
_STARTED_BY: Mapping[Fulfilment, tuple[Timeout, tuple[str, ...]]] = {
    Fulfilment.CONFIRMED: (Timeout.NOT_PREPARED, ("order_confirmed", "order_activated")),
    Fulfilment.PREPARING: (Timeout.NOT_PREPARED, ("order_preparing",)),
    Fulfilment.READY: (Timeout.WITHOUT_DRIVER, _SEARCHED_FROM),
    Fulfilment.PICKED_UP: (Timeout.NOT_DELIVERED, ("order_picked_up",)),
    Fulfilment.IN_TRANSIT: (Timeout.NOT_DELIVERED, ("order_in_transit", "order_redelivery_started")),
    Fulfilment.ARRIVED: (Timeout.NOT_DELIVERED, ("order_arrived",)),
    Fulfilment.FAILED: (Timeout.UNDECIDED, ("order_delivery_failed",)),
    Fulfilment.RETURNING: (Timeout.NOT_TAKEN_BACK, ("order_returning",)),
}
"""The timeout of a state, and the timeline entries with which it starts; the latest counts."""


def enter(order: Order, state: Fulfilment, now: datetime) -> Order:
    """Return the order in its new state, with its reservations released as the state demands, and with
    the time of the sweeper's first check; an order that ends is closed. A step that leads back to the same
    state releases nothing."""
    if state is order.fulfilment:
        return replace(order, updated_at=now, next_check_at=next_check_at(order, now))
    moved = release(move(order, state, now), before=order.fulfilment)
    offers = substitutions_in(state, moved.substitutions, order.policy.substitutable)
    fresh = replace(moved, substitutions=offers, reminded_at=None, delayed_since=None)
    timeout, sla = first_check_at(order.policy, state, now), next_sla_check_at(fresh, started=now)
    check = _earliest(timeout, next_expiry(offers), sla, _recheck(fresh, now))
    return closed(replace(fresh, next_check_at=check))  # mutant: address-stays


def first_check_at(policy: BusinessPolicy, state: Fulfilment, now: datetime) -> datetime | None:
    """Return when an order that enters `state` now can first have an expired timeout, or None."""
    wait = state_timeout(policy.timeouts, state)
    return now + wait if wait else None


def first_check_of_new(order: Order, now: datetime) -> datetime | None:
    """Return when a new order has to be checked first, or None."""
    check = first_check_at(order.policy, order.fulfilment, now)
    scheduled = order.fulfilment is Fulfilment.SCHEDULED
    return min(check, activates_at(order)) if check and scheduled else check


def payable_until(order: Order) -> datetime | None:
    """Return until when an unpaid order waits for its payment; None for any other."""
    pending = _pending_timeout(order)
    return pending[1] if pending and pending[0] is Timeout.UNPAID else None


def is_activation_due(order: Order, now: datetime) -> bool:
    """Say whether a scheduled order is paid and has to be handed to the merchant by now."""
    waits = order.fulfilment is Fulfilment.SCHEDULED and order.payment.state in PAID  # mutant: begins-unpaid
    return waits and now >= activates_at(order)


def expired_timeout(order: Order, now: datetime) -> Timeout | None:
    """Return the timeout of an order that has expired, or None."""
    pending = _pending_timeout(order)
    return pending[0] if pending and now >= pending[1] else None


def next_check_at(order: Order, now: datetime) -> datetime | None:
    """Return when to check an order again for an expired timeout or a missed SLA; None if never."""
    pending = _pending_timeout(order)
    if pending and order.fulfilment is Fulfilment.SCHEDULED:
        # The payment may arrive after the activation was due: the merchant must not wait for it longer.
        # mutant: late-payment-unseen
        return min(pending[1], max(activates_at(order), now + RECHECK_SOON_AFTER))
    if order.fulfilment is Fulfilment.SCHEDULED:
        return activates_at(order)
    return _earliest(pending[1] if pending else None, next_sla_check_at(order), _recheck(order, now))


def state_timeout(timeouts: Timeouts, state: Fulfilment) -> timedelta | None:
    """Return the shortest timeout that an order can have in a state, or None."""
    waits = {
        Fulfilment.SCHEDULED: timeouts.unpaid,
        Fulfilment.PLACED: min(timeouts.unpaid, timeouts.unconfirmed),
        Fulfilment.CONFIRMED: timeouts.not_prepared,
        Fulfilment.PREPARING: timeouts.not_prepared,
        Fulfilment.READY: timeouts.without_driver,
        Fulfilment.PICKED_UP: timeouts.not_carried_on,
        Fulfilment.IN_TRANSIT: timeouts.not_carried_on,
        Fulfilment.ARRIVED: timeouts.not_carried_on,
        Fulfilment.FAILED: timeouts.undecided,
        Fulfilment.RETURNING: timeouts.not_taken_back,
    }
    return waits.get(state)


def _recheck(order: Order, now: datetime) -> datetime | None:
    """Return when to check a ready order again: orders get no event when its driver comes or goes."""
    searches = order.fulfilment is Fulfilment.READY and order.policy.timeouts.without_driver
    return now + RECHECK_AFTER if searches else None


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time), default=None)


def _pending_timeout(order: Order) -> tuple[Timeout, datetime] | None:
    """Return the timeout that runs for an order, and when it expires."""
    timeouts = order.policy.timeouts
    answer = next_expiry(order.substitutions)
    if answer:
        return Timeout.UNANSWERED, answer
    if order.fulfilment is Fulfilment.SCHEDULED and order.payment.state not in PAID:
        return Timeout.UNPAID, _payable_until(order, timeouts)
    if order.fulfilment is Fulfilment.PLACED:
        started = _latest(order, "order_activated") or order.placed_at
        if order.payment.state not in PAID:
            return Timeout.UNPAID, started + timeouts.unpaid
        paid_at = _latest(order, "payment_captured") or order.updated_at
        return Timeout.UNCONFIRMED, max(paid_at, started) + timeouts.unconfirmed
    if order.fulfilment is Fulfilment.READY and order.assignment.state is AssignmentState.ASSIGNED:
        started = _latest(order, "driver_assigned") or order.updated_at
        return Timeout.NOT_PICKED_UP, started + timeouts.not_carried_on
    return _timeout_of_state(order, timeouts)


def _payable_until(order: Order, timeouts: Timeouts) -> datetime:
    """Return until when a scheduled order waits for its payment.

    The system places an occurrence a day ahead, so its customer first has to notice it. It reserves stock
    meanwhile, so its time is limited too.
    """
    until = order.placed_at + timeouts.unpaid
    if order.recurrence_id is None:
        return until
    # mutant: unpaid-waits-on
    return max(until, min(order.placed_at + timeouts.unpaid_occurrence, activates_at(order)))


def _timeout_of_state(order: Order, timeouts: Timeouts) -> tuple[Timeout, datetime] | None:
    """Return the timeout that started when the order entered its state, and when it expires."""
    wait = state_timeout(timeouts, order.fulfilment)
    if wait is None or order.fulfilment not in _STARTED_BY:
        return None
    timeout, entries = _STARTED_BY[order.fulfilment]
    return timeout, (_latest(order, *entries) or order.updated_at) + wait


def _latest(order: Order, *types: str) -> datetime | None:
    """Return when one of these things last happened to the order, by its timeline."""
    return max((entry.at for entry in order.timeline if entry.type in types), default=None)
