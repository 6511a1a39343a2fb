"""Gives back what was paid for an order that does not happen, or paid twice.

Three steps, each of which can be repeated: the refund is entered as pending; the gateway is asked,
with the refund's id as idempotency key; its answer is entered. Whoever repeats the use case goes on
where the last one stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.payments import refunds
from shared.payments.domain import Refund, refund_id
from shared.payments.ports import PaymentGateway, PaymentStore
from shared.payments.usecases.settle_refund import SettleRefund, settle_refund


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Which payment of which order, and why."""

    payment_id: str
    order_id: str
    reason: str


async def refund_payment(
    command: RefundPayment, *, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> None:
    """Refund all that is owed back of a payment; nothing where nothing is.

    Whether it is owed is decided by the books, not by the caller. Raises `GatewayUnavailable`,
    `GatewayRefused` (the poller tries again) or `NotStoredYet`.
    """
    refund = await store.change(
        command.order_id,
        command.payment_id,
        lambda books: refunds.open_refund(books, command.reason, now),
        refund_ids=[refund_id(command.payment_id, 1)],
    )
    if refund is not None:
        await push_refund(refund, store=store, gateway=gateway, now=now)


async def take_up_refund(
    command: RefundPayment, *, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> bool:
    """Refund what is owed back of a payment and what no event has brought; say whether there was anything.

    Raises what `refund_payment` raises.
    """
    refund = await store.change(
        command.order_id,
        command.payment_id,
        lambda books: refunds.take_up(books, command.reason, now),
        refund_ids=[refund_id(command.payment_id, 1)],
    )
    if refund is not None:
        await push_refund(refund, store=store, gateway=gateway, now=now)
    return refund is not None


async def push_refund(refund: Refund, *, store: PaymentStore, gateway: PaymentGateway, now: datetime) -> None:
    """Ask the gateway for a pending refund, or for its state once the gateway has it; enter the answer."""
    asked = refund.gateway_refund_id is not None
    report = await (gateway.fetch_refund(refund) if asked else gateway.refund(refund))
    settled = SettleRefund(refund.id, refund.payment_id, refund.order_id, report)
    await settle_refund(settled, store=store, now=now)
