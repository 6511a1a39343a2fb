"""Handlers of the events after which a refund can be due; the stored state decides whether it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.composition.payment_gateway import GatewayPorts
from shared.edge.events import EventHandler
from shared.kernel.event import Event
from shared.orders.events import OrderCancelled, OrderReturned
from shared.orders.substitutions.events import (
    OrderSubstitutionAccepted,
    OrderSubstitutionAnswered,
    OrderSubstitutionDeclined,
)
from shared.payments.events import DuplicatePaymentCaptured, PaymentCaptured, UnmatchedPaymentCaptured
from shared.payments.usecases.refund import RefundPayment, refund_payment


async def order_cancelled(event: OrderCancelled, ports: GatewayPorts, now: datetime) -> None:
    """Refund the captured payment; a later capture is refunded after its own event."""
    if event.payment_id:
        await _refund(RefundPayment(event.payment_id, event.timeline, "order_cancelled"), ports, now)


async def order_returned(event: OrderReturned, ports: GatewayPorts, now: datetime) -> None:
    """Refund an order whose goods were returned."""
    if event.payment_id:
        await _refund(RefundPayment(event.payment_id, event.timeline, "order_returned"), ports, now)


async def substitution_answered(event: OrderSubstitutionAnswered, ports: GatewayPorts, now: datetime) -> None:
    """Refund the difference that a substitution leaves."""
    if event.payment_id and event.refund_due:
        await _refund(RefundPayment(event.payment_id, event.timeline, "items_not_sent"), ports, now)


async def payment_captured(event: PaymentCaptured, ports: GatewayPorts, now: datetime) -> None:
    """Refund a payment that was captured after the order had ended undelivered."""
    if event.order_cancelled:
        await _refund(RefundPayment(event.payment_id, event.subject_ref, "order_cancelled"), ports, now)


async def duplicate_payment_captured(
    event: DuplicatePaymentCaptured, ports: GatewayPorts, now: datetime
) -> None:
    """Refund a duplicate payment."""
    await _refund(RefundPayment(event.payment_id, event.subject_ref, "duplicate_payment"), ports, now)


async def unmatched_payment_captured(
    event: UnmatchedPaymentCaptured, ports: GatewayPorts, now: datetime
) -> None:
    """Refund an unmatched payment."""
    await _refund(RefundPayment(event.payment_id, event.subject_ref, "unmatched_payment"), ports, now)


async def _refund(command: RefundPayment, ports: GatewayPorts, now: datetime) -> None:
    await refund_payment(command, store=ports.store, gateway=ports.gateway, now=now)


HANDLERS: Mapping[type[Event], EventHandler] = {
    OrderCancelled: order_cancelled,
    OrderReturned: order_returned,
    OrderSubstitutionAccepted: substitution_answered,
    OrderSubstitutionDeclined: substitution_answered,
    PaymentCaptured: payment_captured,
    DuplicatePaymentCaptured: duplicate_payment_captured,
    UnmatchedPaymentCaptured: unmatched_payment_captured,
}
