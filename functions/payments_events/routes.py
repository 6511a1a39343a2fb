"""Handlers of the events after which a refund can be due; the stored state decides whether it is."""

from __future__ import annotations

from collections.abc import Mapping

from functions.payments_events import wiring
from shared.edge.events import EventHandler
from shared.kernel.clock import utc_now
from shared.kernel.event import Event
from shared.orders.events import OrderCancelled, OrderReturned
from shared.orders.substitutions.events import (
    OrderSubstitutionAccepted,
    OrderSubstitutionAnswered,
    OrderSubstitutionDeclined,
)
from shared.payments.events import DuplicatePaymentCaptured, PaymentCaptured, UnmatchedPaymentCaptured
from shared.payments.usecases.refund import RefundPayment, refund_payment


async def order_cancelled(event: OrderCancelled) -> None:
    """Refund the captured payment; a later capture is refunded after its own event."""
    if event.payment_id:
        await _refund(RefundPayment(event.payment_id, event.timeline, "order_cancelled"))


async def order_returned(event: OrderReturned) -> None:
    """Refund an order whose goods were returned."""
    if event.payment_id:
        await _refund(RefundPayment(event.payment_id, event.timeline, "order_returned"))


async def substitution_answered(event: OrderSubstitutionAnswered) -> None:
    """Refund the difference that a substitution leaves."""
    if event.payment_id and event.refund_due:
        await _refund(RefundPayment(event.payment_id, event.timeline, "items_not_sent"))


async def payment_captured(event: PaymentCaptured) -> None:
    """Refund a payment that was captured after the order had ended undelivered."""
    if event.order_cancelled:
        await _refund(RefundPayment(event.payment_id, event.subject_ref, "order_cancelled"))


async def duplicate_payment_captured(event: DuplicatePaymentCaptured) -> None:
    """Refund a duplicate payment."""
    await _refund(RefundPayment(event.payment_id, event.subject_ref, "duplicate_payment"))


async def unmatched_payment_captured(event: UnmatchedPaymentCaptured) -> None:
    """Refund an unmatched payment."""
    await _refund(RefundPayment(event.payment_id, event.subject_ref, "unmatched_payment"))


async def _refund(command: RefundPayment) -> None:
    await refund_payment(command, store=wiring.store(), gateway=wiring.gateway(), now=utc_now())


HANDLERS: Mapping[type[Event], EventHandler] = {
    OrderCancelled: order_cancelled,
    OrderReturned: order_returned,
    OrderSubstitutionAccepted: substitution_answered,
    OrderSubstitutionDeclined: substitution_answered,
    PaymentCaptured: payment_captured,
    DuplicatePaymentCaptured: duplicate_payment_captured,
    UnmatchedPaymentCaptured: unmatched_payment_captured,
}
