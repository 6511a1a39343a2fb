"""Reconcile payments and refunds with the gateway, and open refunds that no event has opened.

All webhooks can be lost, and the events that cause refunds can end as dead letters; reconciliation
finds both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.subject import SubjectRef
from shared.payments import charges, refunds
from shared.payments.batches import BatchResult, Queue, run
from shared.payments.domain import GatewayUnavailable, Payment, Refund
from shared.payments.ports import Cursor, Page, PaymentGateway, PaymentStore
from shared.payments.subjects import ChargeSubject
from shared.payments.usecases.check_payment import check_payment
from shared.payments.usecases.refund import RefundPayment, reconcile_refund, send_refund

CHECK_CONCURRENCY = 24
"""Payments; at 100 ms for an answer and 100 ms for the store, one batch checks 4,800 of them."""
REFUND_CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """How many payments and refunds were checked, how many refunds were opened, how many items failed."""

    checked: int
    refunds_opened: int
    failed: int


async def reconcile(*, store: PaymentStore, gateway: PaymentGateway, now: datetime) -> ReconcileResult:
    """Ask the gateway about every payment and refund that is due, and open every refund that is due.

    Each item is leased first, so that two reconcilers do not handle the same one. Raises
    `GatewayUnavailable` when the gateway answered nothing.
    """
    work = _Reconciler(store, gateway, now)
    results = await run(
        Queue("payment_id", CHECK_CONCURRENCY, work.payments, work.check),
        Queue("refund_id", REFUND_CONCURRENCY, work.refunds, work.send),
        Queue("order_id", REFUND_CONCURRENCY, work.undelivered, work.refund_undelivered),
        Queue("payment_id", REFUND_CONCURRENCY, work.excess, work.refund_excess),
        Queue("order_id", REFUND_CONCURRENCY, work.changed, work.refund_difference),
    )
    _require_answers(results)
    checked, opened = results[:2], results[2:]
    return ReconcileResult(
        sum(result.done + result.failed for result in checked),
        sum(result.done for result in opened),
        sum(result.failed for result in results),
    )


def _require_answers(results: list[BatchResult]) -> None:
    unanswered = sum(result.unanswered for result in results)
    if unanswered and not any(result.done for result in results):
        raise GatewayUnavailable


@dataclass(frozen=True, slots=True)
class _Reconciler:
    """The five queues, and how each handles an item."""

    store: PaymentStore
    gateway: PaymentGateway
    now: datetime

    async def payments(self, limit: int, after: Cursor | None) -> Page[Payment]:
        return await self.store.due_payments(self.now, limit, after)  # mutant: no-payment-checked

    async def refunds(self, limit: int, after: Cursor | None) -> Page[Refund]:
        return await self.store.due_refunds(self.now, limit, after)  # mutant: no-refund-sent

    async def undelivered(self, limit: int, after: Cursor | None) -> Page[ChargeSubject]:
        return await self.store.orders_to_reconcile(self.now, limit, after)

    async def changed(self, limit: int, after: Cursor | None) -> Page[ChargeSubject]:
        return await self.store.orders_with_refund_due(self.now, limit, after)

    async def excess(self, limit: int, after: Cursor | None) -> Page[Payment]:
        return await self.store.payments_to_reconcile(self.now, limit, after)

    async def check(self, payment: Payment) -> bool:
        leased = await self.store.change(
            payment.subject_ref, payment.id, lambda aggregate: charges.lease(aggregate, payment, self.now)
        )
        if leased:
            await check_payment(payment, store=self.store, gateway=self.gateway, now=self.now)
        return leased

    async def send(self, refund: Refund) -> bool:
        leased = await self.store.change(
            refund.subject_ref,
            refund.payment_id,
            lambda aggregate: refunds.lease(aggregate, refund, self.now),
            refund_ids=[refund.id],
        )
        if leased:
            await send_refund(refund, store=self.store, gateway=self.gateway, now=self.now)
        return leased

    async def refund_undelivered(self, subject: ChargeSubject) -> bool:
        return await self._refund(subject.payment.payment_id or "none", subject.ref, "order_not_delivered")

    async def refund_difference(self, subject: ChargeSubject) -> bool:
        return await self._refund(subject.payment.payment_id or "none", subject.ref, "items_not_sent")

    async def refund_excess(self, payment: Payment) -> bool:
        return await self._refund(payment.id, payment.subject_ref, "pays_no_order")

    async def _refund(self, payment_id: str, subject_ref: SubjectRef, reason: str) -> bool:
        command = RefundPayment(payment_id, subject_ref, reason)
        return await reconcile_refund(command, store=self.store, gateway=self.gateway, now=self.now)
