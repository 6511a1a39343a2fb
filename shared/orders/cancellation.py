"""Cancelling an order before its pickup: who may, in which state, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.actor import Actor, Role
from shared.kernel.errors import DomainError, WrongState
from shared.kernel.event import event_id
from shared.kernel.order import PAID, Fulfilment
from shared.orders.domain import IllegalTransition, NotPermitted, Order, OrderDecision, decided
from shared.orders.event_factory import EventMeta, merchant_fields
from shared.orders.events import OrderCancelled
from shared.orders.retention import retained_on_cancellation
from shared.orders.timeouts import enter


class CancellationFeeChanged(WrongState):
    """The cancellation now costs more than `max_fee`."""

    code = "CANCELLATION_FEE_CHANGED"
    detail = "Cancelling now costs more than your `max_fee`; read the cancellation again."


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What a cancellation would cost now; `refusal` is the code of the error that prevents it, else empty.

    Amounts in minor units of `currency`: the fee that is retained, and the refund.
    """

    allowed: bool
    refusal: str
    fee: int
    refund: int
    currency: str


def cancellation_fee(order: Order, role: Role) -> int:
    """Return what is retained when that role cancels now, in minor units; only the customer ever pays."""
    return retained_on_cancellation(order) if role is Role.CUSTOMER else 0


def cancel(
    order: Order, actor: Actor, reason: str, now: datetime, max_fee: int | None = None
) -> OrderDecision:
    """Return the cancelled order with its fee, and its event.

    Raises `NotPermitted`, `IllegalTransition` once it is too late, and `CancellationFeeChanged` where
    it would cost more than `max_fee`.
    """
    _check(order, actor.role)
    fee = cancellation_fee(order, actor.role)
    if max_fee is not None and fee > max_fee:
        raise CancellationFeeChanged
    after = replace(enter(order, Fulfilment.CANCELLED, now), cancellation_fee=fee)
    waited = order.fulfilment is Fulfilment.SCHEDULED
    return decided(after, _cancelled(after, actor, reason, now, waited=waited))


def preview(order: Order, role: Role) -> Cancellation:
    """Return what `cancel` would do for that role, without raising."""
    left, currency = order.payment.captured - order.payment.refunded, order.amounts.currency
    try:
        _check(order, role)
    except DomainError as refusal:
        return Cancellation(False, refusal.code, 0, 0, currency)
    fee = cancellation_fee(order, role)
    return Cancellation(True, "", fee, left - fee, currency)


def _check(order: Order, role: Role) -> None:
    if role not in order.policy.cancellers:
        raise NotPermitted
    allowed = order.policy.cancellers_in(order.fulfilment)
    if role not in allowed and allowed <= {Role.SUPPORT, Role.ADMIN}:
        raise IllegalTransition(f"An order that is {order.fulfilment} cannot be cancelled.")
    if role not in allowed:
        raise NotPermitted(f"An order that is {order.fulfilment} can no longer be cancelled by you.")


def _cancelled(order: Order, actor: Actor, reason: str, now: datetime, *, waited: bool) -> OrderCancelled:
    return OrderCancelled(
        **merchant_fields(order, EventMeta(event_id(order.id, "cancelled"), actor.uid, now)),
        driver_id=order.assignment.driver_id,
        payment_id=order.payment.payment_id,
        reason=reason,
        cancellation_fee=order.cancellation_fee,
        currency=order.amounts.currency,
        role=actor.role,
        paid=order.payment.state in PAID,
        scheduled_for=order.scheduled_for if waited else None,
        timezone=order.timezone,
    )
