"""The poller: what no webhook told is asked for, so that all webhooks may be lost."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from shared.kernel.errors import NotFound
from shared.payments import charges, refunds
from shared.payments.domain import GatewayRefused, NotStoredYet, Payment, Refund
from shared.payments.ports import PaymentGateway, PaymentStore
from shared.payments.usecases.check_payment import check_payment
from shared.payments.usecases.refund import push_refund

LIMIT = 100
"""Payments, and refunds, that one round looks at."""

log = logging.getLogger(__name__)


async def reconcile(*, store: PaymentStore, gateway: PaymentGateway, now: datetime) -> int:
    """Ask the gateway about every payment and refund that is due; return how many were asked about.

    Each is claimed first by moving its due time, so that two pollers do not do the same, and one
    that fails makes room for the others. Raises `GatewayUnavailable`, which ends the round; the next
    one goes on with those still due.
    """
    asked = 0
    for payment in await store.due_payments(now, LIMIT):
        if await _claim_payment(payment, store, now):
            asked += 1
            async with _refusals_logged(payment_id=payment.id):
                await check_payment(payment, store=store, gateway=gateway, now=now)
    for refund in await store.due_refunds(now, LIMIT):
        if await _claim_refund(refund, store, now):
            asked += 1
            async with _refusals_logged(refund_id=refund.id):
                await push_refund(refund, store=store, gateway=gateway, now=now)
    return asked


async def _claim_payment(payment: Payment, store: PaymentStore, now: datetime) -> bool:
    return await store.change(payment.order_id, payment.id, lambda books: charges.claim(books, payment, now))


async def _claim_refund(refund: Refund, store: PaymentStore, now: datetime) -> bool:
    return await store.change(
        refund.order_id,
        refund.payment_id,
        lambda books: refunds.claim(books, refund, now),
        refund_ids=[refund.id],
    )


@asynccontextmanager
async def _refusals_logged(**about: str) -> AsyncIterator[None]:
    """Let one thing that cannot be settled not keep the others from being so."""
    try:
        yield
    except (GatewayRefused, NotFound, NotStoredYet) as error:
        log.error("reconcile_refused", extra={**about, "code": error.code})
