"""Orders that somebody has in hand and does not go on with: when they are reminded, and when operators hear.

Nothing is ended here: what is being cooked or carried is for people to settle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM, Role
from shared.kernel.event import event_id
from shared.kernel.order import AssignmentState, Business, Fulfilment
from shared.orders.announcements import Act, for_parties
from shared.orders.domain import Decision, Order
from shared.orders.events import OrderInHand, OrderOverdue, OrderStalled

_F = Fulfilment


@dataclass(frozen=True, slots=True)
class Leeway:
    """How much longer than expected an order can be in a state before whoever has it in hand is
    reminded, and before operators are told."""

    reminded: timedelta
    overdue: timedelta


def _minutes(reminded: int, overdue: int) -> Leeway:
    return Leeway(timedelta(minutes=reminded), timedelta(minutes=overdue))


_CARRIED: Mapping[Fulfilment, Leeway] = {
    _F.READY: _minutes(20, 60),
    _F.PICKED_UP: _minutes(10, 30),
    _F.IN_TRANSIT: _minutes(20, 60),
    _F.ARRIVED: _minutes(15, 45),
}
"""With a driver: until they fetch it, set off, arrive, and hand it over."""

LEEWAY: Mapping[Business, Mapping[Fulfilment, Leeway]] = {
    Business.FOOD: {_F.CONFIRMED: _minutes(10, 30), _F.PREPARING: _minutes(10, 40), **_CARRIED},
    Business.LOCAL: _CARRIED,
    Business.MED: {_F.CONFIRMED: _minutes(120, 480), _F.PREPARING: _minutes(30, 240), **_CARRIED},
    Business.P2P: {
        _F.CONFIRMED: _minutes(24 * 60, 72 * 60),
        _F.PICKED_UP: _minutes(6 * 60, 24 * 60),
        _F.IN_TRANSIT: _minutes(24 * 60, 72 * 60),
        _F.ARRIVED: _minutes(60, 6 * 60),
    },
}

_BEGUN_BY: Mapping[Fulfilment, frozenset[str]] = {
    _F.CONFIRMED: frozenset({"order_confirmed"}),
    _F.PREPARING: frozenset({"order_preparing"}),
    _F.READY: frozenset({"order_ready", "driver_assigned"}),
    _F.PICKED_UP: frozenset({"order_picked_up"}),
    _F.IN_TRANSIT: frozenset({"order_in_transit", "order_redelivery_started"}),
    _F.ARRIVED: frozenset({"order_arrived"}),
}
"""The entries of the timeline with which somebody took the order in hand; the latest counts."""


def next_stall(order: Order, begun: datetime | None = None) -> datetime | None:
    """Return when somebody is to be told next that the order does not go on; None for nobody.

    `begun` is when it entered its state, where the timeline does not say so yet.
    """
    leeway = LEEWAY[order.business].get(order.fulfilment)
    if leeway is None or not _in_hand(order):
        return None
    begun = begun or _begun(order)
    expected = begun + _expected(order)
    if order.overdue_since and order.overdue_since >= begun:
        return None
    if order.reminded_at and order.reminded_at >= begun:
        return expected + leeway.overdue
    return expected + leeway.reminded


def remind(order: Order, now: datetime) -> Decision | None:
    """Return the order with it noted that whoever has it in hand is reminded, or that it is overdue, and
    what tells so; None where it is not time yet."""
    due = next_stall(order)
    if due is None or now < due:
        return None
    leeway = LEEWAY[order.business][order.fulfilment]
    if now >= _begun(order) + _expected(order) + leeway.overdue:
        return replace(order, overdue_since=now, updated_at=now), [_told(OrderOverdue, order, now)]
    return replace(order, reminded_at=now, updated_at=now), [_told(OrderStalled, order, now)]


def _in_hand(order: Order) -> bool:
    """Say whether it is somebody's turn; for who searches for a driver there is a deadline."""
    return order.fulfilment is not _F.READY or order.assignment.state is AssignmentState.ASSIGNED


def _expected(order: Order) -> timedelta:
    """Return how long an order is in its state when all goes well."""
    way = max(0, order.eta_minutes - order.prep_minutes)
    minutes = {_F.PREPARING: order.prep_minutes, _F.IN_TRANSIT: way}
    return timedelta(minutes=minutes.get(order.fulfilment, 0))


def _begun(order: Order) -> datetime:
    names = _BEGUN_BY[order.fulfilment]
    return max((entry.at for entry in order.timeline if entry.type in names), default=order.updated_at)


def _told(kind: type[OrderInHand], order: Order, now: datetime) -> OrderInHand:
    attempts = str(order.delivery_attempt), str(order.assignment.attempt)
    id_ = event_id(order.id, kind.name(), order.fulfilment, *attempts)
    cooks = order.fulfilment in (_F.CONFIRMED, _F.PREPARING) and order.business is not Business.P2P
    return kind(
        **for_parties(order, Act(id_, SYSTEM.uid, now)),
        driver_id=order.assignment.driver_id,
        state=order.fulfilment,
        waits_for=Role.MERCHANT if cooks else order.carrier,
    )
