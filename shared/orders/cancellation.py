"""Ending an order before its pickup: who may, in which state, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.actor import Actor, Role
from shared.kernel.errors import DomainError, WrongState
from shared.kernel.event import event_id
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import Decision, IllegalTransition, NotPermitted, Order
from shared.orders.event_factory import EventMeta, merchant_fields
from shared.orders.events import OrderCancelled
from shared.orders.retention import BEFORE_PICKUP, retained_on_cancellation
from shared.orders.timeouts import enter

STAFF = frozenset({Role.SUPPORT, Role.ADMIN, Role.SYSTEM})
"""Who may cancel whatever can be cancelled."""

CANCELLERS: Mapping[Business, frozenset[Role]] = {
    Business.FOOD: STAFF | {Role.CUSTOMER, Role.MERCHANT},
    Business.LOCAL: STAFF | {Role.CUSTOMER, Role.MERCHANT},
    Business.MED: STAFF | {Role.CUSTOMER, Role.MERCHANT},
    Business.P2P: STAFF | {Role.CUSTOMER, Role.TRAVELLER},
}
"""Who may cancel at all; the states are those of `BEFORE_PICKUP`."""

CLOSED_TO_CUSTOMERS: Mapping[Business, frozenset[Fulfilment]] = {
    Business.MED: frozenset({Fulfilment.READY}),
}
"""States in which the customer alone may not cancel any more: medicine that was made up for them."""


class CancellationFeeChanged(WrongState):
    """Cancelling now costs more than you were told; look again."""

    code = "CANCELLATION_FEE_CHANGED"
    detail = "Cancelling now costs more than you were told; look again."


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What cancelling would come to now; `refusal` is the code of why it cannot be, else empty.

    Amounts in minor units of `currency`: the fee that is retained, and what goes back.
    """

    allowed: bool
    refusal: str
    fee: int
    refund: int
    currency: str


def cancellers(business: Business, state: Fulfilment) -> frozenset[Role]:
    """Return who may cancel an order of the business in that state; nobody where it cannot be."""
    if state not in BEFORE_PICKUP[business]:
        return frozenset()
    closed = state in CLOSED_TO_CUSTOMERS.get(business, frozenset())
    return CANCELLERS[business] - ({Role.CUSTOMER} if closed else set())


def fee(order: Order, role: Role) -> int:
    """Return what is retained when that role cancels now, in minor units; only the customer ever pays."""
    return retained_on_cancellation(order) if role is Role.CUSTOMER else 0


def cancel(order: Order, actor: Actor, reason: str, now: datetime, max_fee: int | None = None) -> Decision:
    """Return the cancelled order with its fee, and the event that tells of it.

    Raises `NotPermitted`, `IllegalTransition` once it is too late, and `CancellationFeeChanged` where
    it would cost more than `max_fee`.
    """
    _check(order, actor.role)
    retained = fee(order, actor.role)
    if max_fee is not None and retained > max_fee:
        raise CancellationFeeChanged
    after = replace(enter(order, Fulfilment.CANCELLED, now), cancellation_fee=retained)
    return after, [_cancelled(after, actor, reason, now)]


def preview(order: Order, role: Role) -> Cancellation:
    """Return what `cancel` would do for that role, as a statement instead of an error."""
    left, currency = order.payment.captured - order.payment.refunded, order.amounts.currency
    try:
        _check(order, role)
    except DomainError as refusal:
        return Cancellation(False, refusal.code, 0, 0, currency)
    retained = fee(order, role)
    return Cancellation(True, "", retained, left - retained, currency)


def _check(order: Order, role: Role) -> None:
    if role not in CANCELLERS[order.business]:
        raise NotPermitted
    allowed = cancellers(order.business, order.fulfilment)
    if not allowed:
        raise IllegalTransition(f"An order that is {order.fulfilment} cannot be cancelled.")
    if role not in allowed:
        raise NotPermitted(f"An order that is {order.fulfilment} can no longer be cancelled by you.")


def _cancelled(order: Order, actor: Actor, reason: str, now: datetime) -> OrderCancelled:
    return OrderCancelled(
        **merchant_fields(order, EventMeta(event_id(order.id, "cancelled"), actor.uid, now)),
        driver_id=order.assignment.driver_id,
        payment_id=order.payment.payment_id,
        reason=reason,
        cancellation_fee=order.cancellation_fee,
        currency=order.amounts.currency,
        role=actor.role,
    )
