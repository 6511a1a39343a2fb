"""Moving an order on: one step of its business's transition table.

The table is the whole rule: a step that is not listed does not exist. `cancellation.py` decides how an
order is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from shared.kernel.actor import SYSTEM, Actor, Role
from shared.kernel.event import Event, event_id
from shared.kernel.order import Fulfilment
from shared.orders import events
from shared.orders.businesses.policy import Goods, Step
from shared.orders.domain import (
    MAX_REPLACED,
    FailureReason,
    IllegalTransition,
    NotPermitted,
    Order,
    OrderDecision,
    decided,
)
from shared.orders.event_factory import EventMeta, customer_fields, merchant_fields, order_fields
from shared.orders.failures import check_reason
from shared.orders.guards import check
from shared.orders.retention import retained_on_return
from shared.orders.timeouts import enter


def step_on(order: Order, step: Step) -> Step:
    """Return the step that a request for `step` means for an order: a scheduled one is confirmed ahead."""
    ahead = step is Step.CONFIRM and order.fulfilment is Fulfilment.SCHEDULED
    return Step.CONFIRM_AHEAD if ahead and Step.CONFIRM_AHEAD in order.policy.steps else step


def activate(order: Order, now: datetime) -> OrderDecision:
    """Return a scheduled order handed to the merchant: to be confirmed, or to be prepared where the merchant
    has confirmed it ahead."""
    ahead = order.confirmed_ahead_at is not None
    return advance(order, Step.ACTIVATE_CONFIRMED if ahead else Step.ACTIVATE, SYSTEM, now)


def roles_for(order: Order, step: Step) -> frozenset[Role]:
    """Return the roles that can take a step on an order; empty where its business has no such step."""
    rule = order.policy.steps.get(step)
    return rule.roles if rule else frozenset()


def advance(
    order: Order, step: Step, actor: Actor, now: datetime, failure: FailureReason | None = None
) -> OrderDecision:
    """Return the order one step on, and the step's event; `failure` says why a delivery failed.

    Raises `NotPermitted` for another party's step, `IllegalTransition` from any other state or for a
    step that the business does not have, and what the rule's guards and `check_reason` raise.
    """
    rule = order.policy.steps.get(step)
    if rule is None:
        raise IllegalTransition(f"An order of this business has no step {step}.")
    if actor.role not in rule.roles:
        raise NotPermitted
    if order.fulfilment not in rule.sources:  # mutant: any-step
        raise IllegalTransition(f"An order that is {order.fulfilment} cannot become {rule.target}.")
    for guard in rule.guards:
        check(guard, order)
    after = enter(_changed(order, step, failure, now), rule.target, now)
    meta = EventMeta(_event_id(after, step), actor.uid, now)  # mutant: step-time
    event = _EVENTS[step](after, meta)
    if isinstance(event, events.OrderReassigned):
        event = replace(event, goods=_goods_left(order))
    return decided(after, event)


def _goods_left(order: Order) -> Goods:
    """Return what the merchant does for the next driver of an order that is reassigned now."""
    return Goods.READY if order.fulfilment is Fulfilment.READY else order.policy.gone_goods


def _event_id(order: Order, step: Step) -> str:
    """Return the id of the step's event; each delivery attempt and each replacement has events of its own."""
    if step is Step.REASSIGN:
        return event_id(order.id, step, str(order.version))
    attempt = (str(order.delivery_attempt),) if order.delivery_attempt > 1 else ()
    return event_id(order.id, step, *attempt)


def _changed(order: Order, step: Step, failure: FailureReason | None, now: datetime) -> Order:
    """Return the order with what a step changes beside the state."""
    if step is Step.CONFIRM_AHEAD:
        return replace(order, confirmed_ahead_at=now)
    change = _CHANGES.get(step)
    return change(order, failure) if change else order


def _activated(order: Order, meta: EventMeta) -> events.OrderActivated:
    return events.OrderActivated(
        **merchant_fields(order, meta),
        scheduled_for=order.scheduled_for,
        timezone=order.timezone,
        confirmed=order.confirmed_ahead_at is not None,
    )


_CHANGES: Mapping[Step, Callable[[Order, FailureReason | None], Order]] = {
    Step.FAIL_DELIVERY: lambda order, reason: replace(order, failure=check_reason(order, reason)),
    Step.REDELIVER: lambda order, _: replace(
        order, failure=None, delivery_attempt=order.delivery_attempt + 1
    ),
    Step.TAKE_BACK: lambda order, _: replace(order, cancellation_fee=retained_on_return(order)),
    Step.REASSIGN: lambda order, _: replace(
        order,
        failure=None,
        delivery_attempt=order.delivery_attempt + (order.fulfilment is not Fulfilment.READY),
        replaced_drivers=(*order.replaced_drivers, order.assignment.driver_id or "")[-MAX_REPLACED:],
    ),
}

_EVENTS: Mapping[Step, Callable[[Order, EventMeta], Event]] = {
    Step.CONFIRM_AHEAD: lambda order, meta: events.OrderConfirmedAhead(
        **customer_fields(order, meta), scheduled_for=order.scheduled_for, timezone=order.timezone
    ),
    Step.ACTIVATE: lambda order, meta: _activated(order, meta),
    Step.ACTIVATE_CONFIRMED: lambda order, meta: _activated(order, meta),
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
        **order_fields(order, meta),
        merchant_id=order.merchant_id,
        driver_id=order.assignment.driver_id,
    ),
    Step.RECALL: lambda order, meta: events.OrderReturning(
        **order_fields(order, meta),
        merchant_id=order.merchant_id,
        driver_id=order.assignment.driver_id,
        role=Role.SUPPORT.value,
    ),
    Step.REASSIGN: lambda order, meta: events.OrderReassigned(
        **merchant_fields(order, meta), driver_id=order.replaced_drivers[-1]
    ),
    Step.TAKE_BACK: lambda order, meta: events.OrderReturned(
        **merchant_fields(order, meta),
        driver_id=order.assignment.driver_id,
        payment_id=order.payment.payment_id,
        cancellation_fee=order.cancellation_fee,
        currency=order.amounts.currency,
    ),
}
"""The event of each step, from the order after it. The system, too, can return goods or confirm that they
arrived; the carrier is the assigned one in any case."""
