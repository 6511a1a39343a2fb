"""One table per business: which step leads from where to where, and who may take it.

The tables are the whole truth: a step that is not listed does not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import Actor, Role
from shared.kernel.event import Event, event_id
from shared.kernel.order import PAID, Business, Fulfilment
from shared.orders import events
from shared.orders.domain import Decision, IllegalTransition, NotPermitted, Order, OrderNotPaid, move


class Step(StrEnum):
    """What a party can do to move an order on."""

    CONFIRM = "confirm"
    PREPARE = "prepare"
    READY = "ready"
    PICK_UP = "pick_up"
    DEPART = "depart"
    ARRIVE = "arrive"
    DELIVER = "deliver"


Guard = Callable[[Order], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """From any of `sources` to `target`, by `role`, if `guard` does not object."""

    sources: frozenset[Fulfilment]
    target: Fulfilment
    role: Role
    guard: Guard | None = None


def _paid(order: Order) -> None:
    if order.payment.state not in PAID:
        raise OrderNotPaid


FOOD: Mapping[Step, Rule] = {
    Step.CONFIRM: Rule(frozenset({Fulfilment.PLACED}), Fulfilment.CONFIRMED, Role.MERCHANT, _paid),
    Step.PREPARE: Rule(frozenset({Fulfilment.CONFIRMED}), Fulfilment.PREPARING, Role.MERCHANT),
    Step.READY: Rule(frozenset({Fulfilment.PREPARING}), Fulfilment.READY, Role.MERCHANT, _paid),
    Step.PICK_UP: Rule(frozenset({Fulfilment.READY}), Fulfilment.PICKED_UP, Role.DRIVER, _paid),
    Step.DEPART: Rule(frozenset({Fulfilment.PICKED_UP}), Fulfilment.IN_TRANSIT, Role.DRIVER),
    Step.ARRIVE: Rule(frozenset({Fulfilment.IN_TRANSIT}), Fulfilment.ARRIVED, Role.DRIVER),
    Step.DELIVER: Rule(
        frozenset({Fulfilment.IN_TRANSIT, Fulfilment.ARRIVED}), Fulfilment.DELIVERED, Role.DRIVER
    ),
}

CANCELLABLE = frozenset(
    {Fulfilment.SCHEDULED, Fulfilment.PLACED, Fulfilment.CONFIRMED, Fulfilment.PREPARING, Fulfilment.READY}
)
"""The states before pickup."""

TABLES: Mapping[Business, Mapping[Step, Rule]] = {Business.FOOD: FOOD}


def advance(order: Order, step: Step, actor: Actor, now: datetime) -> Decision:
    """Return the order one step on, and the event that says so.

    Raises `NotPermitted` for another party's step, `IllegalTransition` from any other state, and
    what the rule's guard raises.
    """
    rule = TABLES[order.business][step]
    if actor.role is not rule.role:
        raise NotPermitted
    if order.fulfilment not in rule.sources:
        raise IllegalTransition(f"An order that is {order.fulfilment} cannot become {rule.target}.")
    if rule.guard:
        rule.guard(order)
    return move(order, rule.target, now), [_event(order, step, actor, now)]


def _event(order: Order, step: Step, actor: Actor, now: datetime) -> Event:
    build = _EVENTS[step]
    return build(order, event_id(order.id, step), actor.uid, now)


def _confirmed(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002 - the event's id
    return events.OrderConfirmed(id=id, at=now, actor=by, order_id=order.id, customer_id=order.customer_id)


def _preparing(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    return events.OrderPreparing(id=id, at=now, actor=by, order_id=order.id)


def _ready(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    return events.OrderReady(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
    )


def _picked_up(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    return events.OrderPickedUp(
        id=id, at=now, actor=by, order_id=order.id, customer_id=order.customer_id, driver_id=by
    )


def _in_transit(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    return events.OrderInTransit(id=id, at=now, actor=by, order_id=order.id)


def _arrived(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    return events.OrderArrived(id=id, at=now, actor=by, order_id=order.id)


def _delivered(order: Order, id: str, by: str, now: datetime) -> Event:  # noqa: A002
    return events.OrderDelivered(
        id=id,
        at=now,
        actor=by,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        driver_id=by,
    )


_EVENTS: Mapping[Step, Callable[[Order, str, str, datetime], Event]] = {
    Step.CONFIRM: _confirmed,
    Step.PREPARE: _preparing,
    Step.READY: _ready,
    Step.PICK_UP: _picked_up,
    Step.DEPART: _in_transit,
    Step.ARRIVE: _arrived,
    Step.DELIVER: _delivered,
}
