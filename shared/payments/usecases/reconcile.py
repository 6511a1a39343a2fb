"""Reconcile payments and refunds with the gateway, and open refunds that no event has opened.

All webhooks can be lost, and the events that cause refunds can end as dead letters; reconciliation
finds both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from shared.kernel.batch import Batch, BatchResult, Cursor, Page, Queue
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.subject import SubjectRef
from shared.payments import charges, refunds
from shared.payments.domain import GatewayRefused, GatewayUnavailable, NotStoredYet, Payment, Refund
from shared.payments.ports import PaymentGateway, PaymentStore
from shared.payments.subjects import ChargeSubject
from shared.payments.usecases.check_payment import check_payment
from shared.payments.usecases.refund import RefundPayment, reconcile_refund, send_refund

CHECK_CONCURRENCY = 24
"""Payments; at 100 ms for an answer and 100 ms for the store, one batch checks 4,800 of them."""
REFUND_CONCURRENCY = 16


class Identified(Protocol):
    """An item with an id."""

    @property
    def id(self) -> str:
        """The id."""
        ...


Item = TypeVar("Item", bound=Identified)


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """How many payments and refunds were checked, how many refunds were opened, how many items failed."""

    checked: int
    refunds_opened: int
    failed: int


async def reconcile(*, store: PaymentStore, gateway: PaymentGateway, batch: Batch) -> ReconcileResult:
    """Ask the gateway about every payment and refund that is due, and open every refund that is due.

    Each item is leased first, so that two reconcilers do not handle the same one. Raises
    `GatewayUnavailable` when the gateway answered nothing.
    """
    work = _Reconciler(store, gateway)
    results = await batch.run_all(
        _queue("due-payments", "payment_id", store.due_payments, work.check, CHECK_CONCURRENCY),
        _queue("due-refunds", "refund_id", store.due_refunds, work.send),
        _queue("undelivered", "order_id", store.orders_to_reconcile, work.refund_undelivered),
        _queue("excess", "payment_id", store.payments_to_reconcile, work.refund_excess),
        _queue("refund-due", "order_id", store.orders_with_refund_due, work.refund_difference),
    )
    _require_answers(results)
    checked, opened = results[:2], results[2:]
    return ReconcileResult(
        sum(result.done + result.failed for result in checked),
        sum(result.done for result in opened),
        sum(result.failed for result in results),
    )


def _queue(
    id_: str,
    name: str,
    load: Callable[[datetime, int, Cursor | None], Awaitable[Page[Item]]],
    handle: Callable[[Item, datetime], Awaitable[bool]],
    concurrency: int = REFUND_CONCURRENCY,
) -> Queue[Item]:
    return Queue(
        id=f"payments-{id_}",
        name=name,
        key=lambda item: item.id,
        load=load,
        handle=handle,
        concurrency=concurrency,
        skip_on=(DomainError, TimeoutError),
        alert_on=(GatewayRefused, NotFound, NotStoredYet),
    )


def _require_answers(results: Sequence[BatchResult]) -> None:
    unavailable = sum(result.unavailable for result in results)
    if unavailable and not any(result.done for result in results):
        raise GatewayUnavailable


@dataclass(frozen=True, slots=True)
class _Reconciler:
    """How each queue handles an item; the answer says whether there was anything to do."""

    store: PaymentStore
    gateway: PaymentGateway

    async def check(self, payment: Payment, now: datetime) -> bool:
        leased = await self.store.change(
            payment.subject_ref, payment.id, lambda aggregate: charges.lease(aggregate, payment, now)
        )
        if leased:  # mutant: no-payment-checked
            await check_payment(payment, store=self.store, gateway=self.gateway, now=now)
        return leased

    async def send(self, refund: Refund, now: datetime) -> bool:
        leased = await self.store.change(
            refund.subject_ref,
            refund.payment_id,
            lambda aggregate: refunds.lease(aggregate, refund, now),
            refund_ids=[refund.id],
        )
        if leased:  # mutant: no-refund-sent
            await send_refund(refund, store=self.store, gateway=self.gateway, now=now)
        return leased

    async def refund_undelivered(self, subject: ChargeSubject, now: datetime) -> bool:
        return await self._refund(subject.payment.payment_id, subject.ref, "order_not_delivered", now)

    async def refund_difference(self, subject: ChargeSubject, now: datetime) -> bool:
        return await self._refund(subject.payment.payment_id, subject.ref, "items_not_sent", now)

    async def refund_excess(self, payment: Payment, now: datetime) -> bool:
        return await self._refund(payment.id, payment.subject_ref, "pays_no_order", now)

    async def _refund(
        self, payment_id: str | None, subject_ref: SubjectRef, reason: str, now: datetime
    ) -> bool:
        # A marked subject always names a payment; an unknown one fails as a payment that is not stored.
        command = RefundPayment(payment_id or "none", subject_ref, reason)
        return await reconcile_refund(command, store=self.store, gateway=self.gateway, now=now)
