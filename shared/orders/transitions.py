"""One table per business: which step leads from where to where, and who may take it.

The tables are the whole truth: a step that is not listed does not happen. How an order is cancelled is
in `cancellation.py`, in the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import Actor, Role
from shared.kernel.event import Event, event_id
from shared.kernel.order import Business, Fulfilment
from shared.orders import events
from shared.orders.domain import Decision, FailureReason, IllegalTransition, NotPermitted, Order
from shared.orders.event_factory import EventMeta, customer_fields, merchant_fields, order_fields
from shared.orders.failures import check_reason
from shared.orders.guards import Guard, check
from shared.orders.retention import retained_on_return
from shared.orders.timeouts import enter

_F = Fulfilment


class Step(StrEnum):
    """What a party can do to move an order on."""

    ACTIVATE = "activate"
    CONFIRM = "confirm"
    PREPARE = "prepare"
    READY = "ready"
    PICK_UP = "pick_up"
    DEPART = "depart"
    ARRIVE = "arrive"
    DELIVER = "deliver"
    FAIL_DELIVERY = "fail_delivery"
    REDELIVER = "redeliver"
    RETURN = "return"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class Rule:
    """From any of `sources` to `target`, by one of `roles`, if no guard objects."""

    sources: frozenset[Fulfilment]
    target: Fulfilment
    roles: frozenset[Role]
    guards: tuple[Guard, ...] = ()


Table = Mapping[Step, Rule]


def _rule(
    sources: Fulfilment | tuple[Fulfilment, ...],
    target: Fulfilment,
    roles: Role | tuple[Role, ...],
    *guards: Guard,
) -> Rule:
    starts = (sources,) if isinstance(sources, Fulfilment) else sources
    takers = (roles,) if isinstance(roles, Role) else roles
    return Rule(frozenset(starts), target, frozenset(takers), guards)


def _carriage(carrier: Role, owner: Role, *proofs: Guard) -> Table:
    """Return the way from pickup to the door, or back to the `owner`, alike in all businesses."""
    return {
        Step.DEPART: _rule(_F.PICKED_UP, _F.IN_TRANSIT, carrier),
        Step.ARRIVE: _rule(_F.IN_TRANSIT, _F.ARRIVED, carrier),
        Step.DELIVER: _rule((_F.IN_TRANSIT, _F.ARRIVED), _F.DELIVERED, carrier, *proofs),
        Step.FAIL_DELIVERY: _rule((_F.PICKED_UP, _F.IN_TRANSIT, _F.ARRIVED), _F.FAILED, carrier),
        Step.REDELIVER: _rule(_F.FAILED, _F.IN_TRANSIT, carrier, Guard.ATTEMPTS_LEFT),
        Step.RETURN: _rule(_F.FAILED, _F.RETURNING, (carrier, Role.SYSTEM)),
        Step.TAKE_BACK: _rule(_F.RETURNING, _F.RETURNED, (owner, Role.SYSTEM)),
    }


_ACTIVATION: Table = {Step.ACTIVATE: _rule(_F.SCHEDULED, _F.PLACED, Role.SYSTEM)}

FOOD: Table = {
    **_ACTIVATION,
    Step.CONFIRM: _rule(_F.PLACED, _F.CONFIRMED, Role.MERCHANT, Guard.PAID),
    Step.PREPARE: _rule(_F.CONFIRMED, _F.PREPARING, Role.MERCHANT),
    Step.READY: _rule(_F.PREPARING, _F.READY, Role.MERCHANT, Guard.PAID, Guard.ANSWERED),
    Step.PICK_UP: _rule(_F.READY, _F.PICKED_UP, Role.DRIVER, Guard.PAID),
    **_carriage(Role.DRIVER, Role.MERCHANT, Guard.HANDED_OVER),
}
"""A kitchen cooks once it is paid."""

LOCAL: Table = {
    **_ACTIVATION,
    Step.READY: _rule(_F.PLACED, _F.READY, Role.MERCHANT, Guard.PAID),
    Step.PICK_UP: _rule(_F.READY, _F.PICKED_UP, Role.DRIVER, Guard.PAID),
    **_carriage(Role.DRIVER, Role.MERCHANT, Guard.HANDED_OVER),
}
"""Goods from the shelf: nothing to prepare, so that saying "ready" is taking the order."""

MED: Table = {
    **_ACTIVATION,
    Step.CONFIRM: _rule(_F.PLACED, _F.CONFIRMED, Role.MERCHANT, Guard.PAID),
    Step.PREPARE: _rule(_F.CONFIRMED, _F.PREPARING, Role.MERCHANT, Guard.PRESCRIPTION),
    Step.READY: _rule(_F.PREPARING, _F.READY, Role.MERCHANT, Guard.PAID, Guard.PRESCRIPTION),
    Step.PICK_UP: _rule(_F.READY, _F.PICKED_UP, Role.DRIVER, Guard.PAID, Guard.PRESCRIPTION),
    **_carriage(Role.DRIVER, Role.MERCHANT, Guard.HANDED_OVER),
}
"""A vendor prepares what a pharmacist has approved, and the delivery is proved."""

P2P: Table = {
    **_ACTIVATION,
    Step.CONFIRM: _rule(_F.PLACED, _F.CONFIRMED, Role.TRAVELLER, Guard.HELD),
    Step.PICK_UP: _rule(_F.CONFIRMED, _F.PICKED_UP, Role.TRAVELLER, Guard.HELD, Guard.PICKUP_CODE),
    **_carriage(Role.TRAVELLER, Role.CUSTOMER, Guard.HANDED_OVER, Guard.DELIVERY_CODE),
}
"""A traveller takes a sender's parcel along; codes at both ends, and the money waits in escrow."""

TABLES: Mapping[Business, Table] = {
    Business.FOOD: FOOD,
    Business.LOCAL: LOCAL,
    Business.MED: MED,
    Business.P2P: P2P,
}


def roles_for(order: Order, step: Step) -> frozenset[Role]:
    """Return who can take a step on an order; nobody where its business does not know the step."""
    rule = TABLES[order.business].get(step)
    return rule.roles if rule else frozenset()


def advance(
    order: Order, step: Step, actor: Actor, now: datetime, failure: FailureReason | None = None
) -> Decision:
    """Return the order one step on, and the event that says so; `failure` says why a delivery failed.

    Raises `NotPermitted` for another party's step, `IllegalTransition` from any other state or for a
    step that the business does not know, and what the rule's guards and `check_reason` raise.
    """
    rule = TABLES[order.business].get(step)
    if rule is None:
        raise IllegalTransition(f"An order of this kind does not know the step {step}.")
    if actor.role not in rule.roles:
        raise NotPermitted
    if order.fulfilment not in rule.sources:
        raise IllegalTransition(f"An order that is {order.fulfilment} cannot become {rule.target}.")
    for guard in rule.guards:
        check(guard, order)
    after = enter(_changed(order, step, failure), rule.target, now)
    return after, [_TELLS[step](after, EventMeta(_event_id(after, step), actor.uid, now))]


def _event_id(order: Order, step: Step) -> str:
    """Return the id of the step's event; what a second try repeats is another event."""
    attempt = (str(order.delivery_attempt),) if order.delivery_attempt > 1 else ()
    return event_id(order.id, step, *attempt)


def _changed(order: Order, step: Step, failure: FailureReason | None) -> Order:
    """Return the order with what a step changes beside the state."""
    change = _CHANGES.get(step)
    return change(order, failure) if change else order


_CHANGES: Mapping[Step, Callable[[Order, FailureReason | None], Order]] = {
    Step.FAIL_DELIVERY: lambda order, why: replace(order, failure=check_reason(order, why)),
    Step.REDELIVER: lambda order, _: replace(
        order, failure=None, delivery_attempt=order.delivery_attempt + 1
    ),
    Step.TAKE_BACK: lambda order, _: replace(order, cancellation_fee=retained_on_return(order)),
}

_TELLS: Mapping[Step, Callable[[Order, EventMeta], Event]] = {
    Step.ACTIVATE: lambda order, meta: events.OrderActivated(**merchant_fields(order, meta)),
    Step.CONFIRM: lambda order, meta: events.OrderConfirmed(**customer_fields(order, meta)),
    Step.PREPARE: lambda order, meta: events.OrderPreparing(**order_fields(order, meta)),
    Step.READY: lambda order, meta: events.OrderReady(**merchant_fields(order, meta)),
    Step.PICK_UP: lambda order, meta: events.OrderPickedUp(
        **customer_fields(order, meta), driver_id=meta.actor
    ),
    Step.DEPART: lambda order, meta: events.OrderInTransit(**order_fields(order, meta)),
    Step.ARRIVE: lambda order, meta: events.OrderArrived(**order_fields(order, meta)),
    Step.DELIVER: lambda order, meta: events.OrderDelivered(
        **merchant_fields(order, meta), driver_id=meta.actor
    ),
    Step.FAIL_DELIVERY: lambda order, meta: events.OrderDeliveryFailed(
        **merchant_fields(order, meta),
        driver_id=meta.actor,
        reason=order.failure or "",
        attempt=order.delivery_attempt,
    ),
    Step.REDELIVER: lambda order, meta: events.OrderRedeliveryStarted(
        **customer_fields(order, meta), driver_id=meta.actor, attempt=order.delivery_attempt
    ),
    Step.RETURN: lambda order, meta: events.OrderReturning(
        **order_fields(order, meta), merchant_staff=order.merchant_staff, driver_id=order.assignment.driver_id
    ),
    Step.TAKE_BACK: lambda order, meta: events.OrderReturned(
        **merchant_fields(order, meta),
        driver_id=order.assignment.driver_id,
        payment_id=order.payment.payment_id,
        cancellation_fee=order.cancellation_fee,
        currency=order.amounts.currency,
    ),
}
"""How each step is told, of the order as it then is. Whoever returns the goods or confirms that they are
back, their carrier is the assigned one."""
