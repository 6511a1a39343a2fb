"""The events after which money may have to go back; whether it has to, the books say."""

from __future__ import annotations

from collections.abc import Mapping

from functions.payments_events import wiring
from shared.edge.events import EventHandler
from shared.kernel.clock import utc_now
from shared.kernel.event import Event
from shared.orders.events import (
    OrderCancelled,
    OrderReturned,
    OrderSubstitutionAccepted,
    OrderSubstitutionAnswered,
    OrderSubstitutionDeclined,
)
from shared.payments.events import PaymentCaptured, StrayCaptured, SurplusCaptured
from shared.payments.usecases.refund import RefundPayment, refund_payment


async def order_cancelled(event: OrderCancelled) -> None:
    """Refund what was captured; what comes later is refunded when it comes."""
    if event.payment_id:
        await _refund(RefundPayment(event.payment_id, event.order_id, "order_cancelled"))


async def order_returned(event: OrderReturned) -> None:
    """Refund an order whose goods came back."""
    if event.payment_id:
        await _refund(RefundPayment(event.payment_id, event.order_id, "order_returned"))


async def substituted(event: OrderSubstitutionAnswered) -> None:
    """Refund what an order has become cheaper by."""
    if event.payment_id and event.owed:
        await _refund(RefundPayment(event.payment_id, event.order_id, "less_was_sent"))


async def payment_captured(event: PaymentCaptured) -> None:
    """Refund money that came after the order had ended undelivered."""
    if event.order_cancelled:
        await _refund(RefundPayment(event.payment_id, event.order_id, "order_cancelled"))


async def surplus_captured(event: SurplusCaptured) -> None:
    """Refund what was paid twice."""
    await _refund(RefundPayment(event.payment_id, event.subject, "paid_twice"))


async def stray_captured(event: StrayCaptured) -> None:
    """Refund what nobody was asked to pay."""
    await _refund(RefundPayment(event.payment_id, event.subject, "not_agreed_on"))


async def _refund(command: RefundPayment) -> None:
    await refund_payment(command, store=wiring.store(), gateway=wiring.gateway(), now=utc_now())


HANDLERS: Mapping[type[Event], EventHandler] = {
    OrderCancelled: order_cancelled,
    OrderReturned: order_returned,
    OrderSubstitutionAccepted: substituted,
    OrderSubstitutionDeclined: substituted,
    PaymentCaptured: payment_captured,
    SurplusCaptured: surplus_captured,
    StrayCaptured: stray_captured,
}
