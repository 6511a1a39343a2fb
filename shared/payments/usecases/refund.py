"""Refund what is due of a payment.

Three steps, each of which can be repeated: store the refund as pending; send it to the gateway, with
the refund's id as idempotency key; record the answer. A repeated use case continues where the last one
stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.subject import SubjectRef
from shared.payments import refunds
from shared.payments.domain import Refund, refund_id
from shared.payments.ports import PaymentGateway, PaymentStore
from shared.payments.usecases.record_refund import RecordRefund, record_refund


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """The payment to refund, its order, and the reason."""

    payment_id: str
    subject_ref: SubjectRef
    reason: str


async def refund_payment(
    command: RefundPayment, *, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> None:
    """Refund all that is due of a payment, if anything is.

    The stored state decides what is due, not the caller. Raises `GatewayUnavailable`, `GatewayRefused`
    (the reconciler tries again) or `NotStoredYet`.
    """
    refund = await store.change(
        command.subject_ref,
        command.payment_id,
        lambda aggregate: refunds.open_refund(aggregate, command.reason, now),
        refund_ids=[refund_id(command.payment_id, 1)],
    )
    if refund is not None:
        await send_refund(refund, store=store, gateway=gateway, now=now)


async def reconcile_refund(
    command: RefundPayment, *, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> bool:
    """Refund what is due of a payment that carries the reconciler's mark; say whether anything was due.

    Raises what `refund_payment` raises.
    """
    refund = await store.change(
        command.subject_ref,
        command.payment_id,
        lambda aggregate: refunds.reconcile(aggregate, command.reason, now),
        refund_ids=[refund_id(command.payment_id, 1)],
    )
    if refund is not None:
        await send_refund(refund, store=store, gateway=gateway, now=now)
    return refund is not None


async def send_refund(refund: Refund, *, store: PaymentStore, gateway: PaymentGateway, now: datetime) -> None:
    """Send a pending refund to the gateway, or ask for its state once it was sent; record the answer."""
    sent = refund.gateway_refund_id is not None
    report = await (gateway.fetch_refund(refund) if sent else gateway.refund(refund))
    command = RecordRefund(refund.id, refund.payment_id, refund.subject_ref, report)
    await record_refund(command, store=store, now=now)
