"""SLA monitoring: who gets a reminder when an order stays in a state too long, and when it is delayed.

Nothing is ended here: goods that are being prepared or carried need a person's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM, Role
from shared.kernel.event import event_id
from shared.kernel.order import AssignmentState, Business, Fulfilment
from shared.orders.domain import Decision, Order
from shared.orders.event_factory import EventMeta, merchant_fields
from shared.orders.events import OrderDelayed, OrderReminderRaised, OrderSlaMissed

_F = Fulfilment


@dataclass(frozen=True, slots=True)
class SlaThreshold:
    """How much longer than expected an order can be in a state before its responsible party gets a
    reminder, and before operators see it as delayed."""

    reminder_after: timedelta
    delayed_after: timedelta


def _minutes(reminder_after: int, delayed_after: int) -> SlaThreshold:
    return SlaThreshold(timedelta(minutes=reminder_after), timedelta(minutes=delayed_after))


_CARRIED: Mapping[Fulfilment, SlaThreshold] = {
    _F.READY: _minutes(20, 60),
    _F.PICKED_UP: _minutes(10, 30),
    _F.IN_TRANSIT: _minutes(20, 60),
    _F.ARRIVED: _minutes(15, 45),
}
"""With a driver: until they fetch it, set off, arrive, and hand it over."""

SLA: Mapping[Business, Mapping[Fulfilment, SlaThreshold]] = {
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

_STARTED_BY: Mapping[Fulfilment, frozenset[str]] = {
    _F.CONFIRMED: frozenset({"order_confirmed"}),
    _F.PREPARING: frozenset({"order_preparing"}),
    _F.READY: frozenset({"order_ready", "driver_assigned"}),
    _F.PICKED_UP: frozenset({"order_picked_up"}),
    _F.IN_TRANSIT: frozenset({"order_in_transit", "order_redelivery_started"}),
    _F.ARRIVED: frozenset({"order_arrived"}),
}
"""The entries of the timeline with which somebody took the order in hand; the latest counts."""


def next_sla_check_at(order: Order, started: datetime | None = None) -> datetime | None:
    """Return when somebody is to be told next that the order does not go on; None for nobody.

    `started` is when it entered its state, where the timeline does not say so yet.
    """
    threshold = SLA[order.business].get(order.fulfilment)
    if threshold is None or not _is_monitored(order):
        return None
    started = started or _started_at(order)
    expected = started + _expected(order)
    if order.delayed_since and order.delayed_since >= started:
        return None
    if order.reminded_at and order.reminded_at >= started:
        return expected + threshold.delayed_after
    return expected + threshold.reminder_after


def check_sla(order: Order, now: datetime) -> Decision | None:
    """Return the order with the reminder or the delay recorded, and its event; None before the threshold."""
    due = next_sla_check_at(order)
    if due is None or now < due:
        return None
    threshold = SLA[order.business][order.fulfilment]
    if now >= _started_at(order) + _expected(order) + threshold.delayed_after:
        return replace(order, delayed_since=now, updated_at=now), [_event(OrderDelayed, order, now)]
    return replace(order, reminded_at=now, updated_at=now), [_event(OrderReminderRaised, order, now)]


def _is_monitored(order: Order) -> bool:
    """Say whether it is somebody's turn; for who searches for a driver there is a deadline."""
    return order.fulfilment is not _F.READY or order.assignment.state is AssignmentState.ASSIGNED


def _expected(order: Order) -> timedelta:
    """Return how long an order is in its state when all goes well."""
    way = max(0, order.eta_minutes - order.prep_minutes)
    minutes = {_F.PREPARING: order.prep_minutes, _F.IN_TRANSIT: way}
    return timedelta(minutes=minutes.get(order.fulfilment, 0))


def _started_at(order: Order) -> datetime:
    names = _STARTED_BY[order.fulfilment]
    return max((entry.at for entry in order.timeline if entry.type in names), default=order.updated_at)


def _event(kind: type[OrderSlaMissed], order: Order, now: datetime) -> OrderSlaMissed:
    attempts = str(order.delivery_attempt), str(order.assignment.attempt)
    id_ = event_id(order.id, kind.name(), order.fulfilment, *attempts)
    cooks = order.fulfilment in (_F.CONFIRMED, _F.PREPARING) and order.business is not Business.P2P
    return kind(
        **merchant_fields(order, EventMeta(id_, SYSTEM.uid, now)),
        driver_id=order.assignment.driver_id,
        state=order.fulfilment,
        responsible_role=Role.MERCHANT if cooks else order.carrier,
    )
