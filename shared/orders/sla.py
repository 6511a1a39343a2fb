"""SLA monitoring: when the responsible party gets a reminder, and when operators see an order as delayed.

Nothing is ended here: goods that are being prepared or carried need a person's decision. Where none comes, a
timeout ends the waiting (see `timeouts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM
from shared.kernel.event import event_id
from shared.kernel.order import AssignmentState, Fulfilment
from shared.orders.businesses.policy import SlaThreshold
from shared.orders.domain import Order, OrderDecision, decided
from shared.orders.event_factory import EventMeta, merchant_fields
from shared.orders.events import OrderDelayed, OrderReminderRaised, OrderSlaMissed

_F = Fulfilment

_STARTED_BY: Mapping[Fulfilment, frozenset[str]] = {
    _F.CONFIRMED: frozenset({"order_confirmed", "order_activated"}),
    _F.PREPARING: frozenset({"order_preparing"}),
    _F.READY: frozenset({"order_ready", "driver_assigned"}),
    _F.PICKED_UP: frozenset({"order_picked_up"}),
    _F.IN_TRANSIT: frozenset({"order_in_transit", "order_redelivery_started"}),
    _F.ARRIVED: frozenset({"order_arrived"}),
}
"""The timeline entries with which the responsible party's time in a state starts; the latest counts."""


def next_sla_check_at(order: Order, started: datetime | None = None) -> datetime | None:
    """Return when the next threshold of an order's state is reached; None where it has none left.

    `started` is when the order entered its state, where the timeline does not show it yet.
    """
    threshold = _threshold(order)
    if threshold is None:
        return None
    started = started or _started_at(order)
    expected = started + _expected(order)
    if order.delayed_since and order.delayed_since >= started:
        return None
    if order.reminded_at and order.reminded_at >= started:
        return expected + threshold.delayed_after
    return expected + threshold.reminder_after


def check_sla(order: Order, now: datetime) -> OrderDecision | None:
    """Return the order with the reminder or the delay recorded, and its event; None before the threshold."""
    due, threshold = next_sla_check_at(order), _threshold(order)
    if due is None or threshold is None or now < due:
        return None
    if now >= _started_at(order) + _expected(order) + threshold.delayed_after:
        delayed = replace(order, delayed_since=now, updated_at=now)
        return decided(delayed, _event(OrderDelayed, order, threshold, now))
    reminded = replace(order, reminded_at=now, updated_at=now)
    return decided(reminded, _event(OrderReminderRaised, order, threshold, now))


def _threshold(order: Order) -> SlaThreshold | None:
    """Return the threshold of an order's state; the search for a driver has a timeout instead."""
    if order.fulfilment is _F.READY and order.assignment.state is not AssignmentState.ASSIGNED:
        return None
    return order.policy.sla.get(order.fulfilment)


def _expected(order: Order) -> timedelta:
    """Return how long an order stays in its state when all goes well."""
    travel = max(0, order.eta_minutes - order.prep_minutes)
    minutes = {_F.PREPARING: order.prep_minutes, _F.IN_TRANSIT: travel}
    return timedelta(minutes=minutes.get(order.fulfilment, 0))


def _started_at(order: Order) -> datetime:
    names = _STARTED_BY[order.fulfilment]
    return max((entry.at for entry in order.timeline if entry.type in names), default=order.updated_at)


def _event(
    kind: type[OrderSlaMissed], order: Order, threshold: SlaThreshold, now: datetime
) -> OrderSlaMissed:
    since = order.assignment.since
    attempts = str(order.delivery_attempt), since.isoformat() if since else ""
    id_ = event_id(order.id, kind.name(), order.fulfilment, *attempts)
    return kind(
        **merchant_fields(order, EventMeta(id_, SYSTEM.uid, now)),
        driver_id=order.assignment.driver_id,
        state=order.fulfilment,
        responsible_role=threshold.responsible,
    )
