"""The rules of refunds: pure decisions over the payment aggregate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.decision import Decision
from shared.kernel.money import Money
from shared.payments.aggregate import PaymentAggregate, require_payment
from shared.payments.domain import (
    CHECK_EVERY,
    Mismatch,
    NotStoredYet,
    Payment,
    Refund,
    RefundReport,
    RefundState,
    refund_id,
)
from shared.payments.event_fields import event_fields
from shared.payments.events import PaymentRefunded
from shared.payments.machine import PAYMENT, REFUND, SUBJECT_PAYMENT, Cause
from shared.payments.subjects import UNDELIVERED, ChargeSubject

MAX_RETRY_DELAY = timedelta(hours=6)
"""The longest delay before a refund that the bank rejected is tried again."""


def amount_to_refund(subject: ChargeSubject, payment: Payment) -> int:
    """Return how much of a payment must be refunded and is not being refunded yet, in minor units."""
    retained = _retained(subject, payment)
    # mutant: refund-unbounded, difference-twice
    return max(0, payment.captured - retained - payment.refunding - payment.refunded)


def open_refund(
    aggregate: PaymentAggregate, reason: str, now: datetime
) -> Decision[PaymentAggregate, Refund | None]:
    """Open a refund of all that is due; the result is the refund to send to the gateway, if any.

    The first refund is the result again while it is pending, so that a repeated event continues where
    the last one stopped; the reconciler sends later refunds. Once the order has ended, this decision is
    final and clears the reconciler's mark.
    """
    aggregate = _reconciled(aggregate)
    payment = require_payment(aggregate)
    due = amount_to_refund(aggregate.subject, payment)
    if not due:
        first = aggregate.refunds.get(refund_id(payment.id, 1))
        return Decision(aggregate, (), first if first and first.state is RefundState.PENDING else None)
    refund = _refund(payment, Money(due, payment.amount.currency), reason, now)
    state = PAYMENT.move(payment.state, Cause.REFUND_OPENED)
    payment = replace(payment, refunding=payment.refunding + due, state=state)
    return Decision(replace(aggregate, payment=payment).with_refund(refund), (), refund)


def reconcile(
    aggregate: PaymentAggregate, reason: str, now: datetime
) -> Decision[PaymentAggregate, Refund | None]:
    """Open the refund of a payment that carries the reconciler's mark; otherwise change nothing."""
    if _reconciled(aggregate) == aggregate:
        return Decision(aggregate, (), None)
    return open_refund(aggregate, reason, now)


def record_report(
    aggregate: PaymentAggregate, id_: str, report: RefundReport, now: datetime
) -> Decision[PaymentAggregate, None]:
    """Record the gateway's report on a refund; only a pending refund changes.

    A rejected refund is followed by another try, since the money is still due. Raises `NotStoredYet`,
    and `Mismatch` when the report has another amount.
    """
    refund = aggregate.refunds.get(id_)
    if refund is None:
        raise NotStoredYet
    if report.amount != refund.amount:
        raise Mismatch("The report's amount or currency is not the one of the refund.")
    if REFUND.is_final(refund.state):  # mutant: report-twice
        return Decision(aggregate, (), None)
    refund = replace(refund, gateway_refund_id=report.gateway_refund_id)
    if report.state is RefundState.PROCESSED:
        return _processed(aggregate, refund, now)
    if report.state is RefundState.FAILED:
        return _rejected(aggregate, refund, now)
    return Decision(aggregate.with_refund(refund), (), None)


def lease(aggregate: PaymentAggregate, due: Refund, now: datetime) -> Decision[PaymentAggregate, bool]:
    """Move the next check of a due refund; the result is False when it was moved or cleared before."""
    refund = aggregate.refunds.get(due.id)
    if refund is None or refund.due_at is None or refund.due_at != due.due_at:
        return Decision(aggregate, (), False)
    return Decision(aggregate.with_refund(replace(refund, due_at=now + CHECK_EVERY)), (), True)


def _retained(subject: ChargeSubject, payment: Payment) -> int:
    """Return how much of a payment is retained.

    Nothing of a payment that does not pay the subject; the cancellation fee if the order ended
    undelivered; else all but what the order says is due. A negative fee or due amount counts as zero.
    """
    if subject.payment.payment_id != payment.id:
        return 0  # mutant: duplicate-retained, duplicate-tip-retained
    if subject.fulfilment in UNDELIVERED:  # mutant: cancelled-retained
        return max(0, subject.cancellation_fee)  # mutant: fee-refunded
    return max(0, payment.captured - max(0, subject.refund_due))  # mutant: difference-retained


def _reconciled(aggregate: PaymentAggregate) -> PaymentAggregate:
    """Return the aggregate without the reconciler's marks.

    The payment of a running order keeps its mark, because the order can still end undelivered.
    """
    subject, payment = aggregate.subject, require_payment(aggregate)
    if subject.payment.payment_id != payment.id:
        return replace(aggregate, payment=replace(payment, reconcile_after=None))
    subject = replace(subject, refund_at=None)
    if subject.fulfilment in UNDELIVERED:
        subject = replace(subject, payment=replace(subject.payment, reconcile_after=None))
    return replace(aggregate, subject=subject)


def _processed(
    aggregate: PaymentAggregate, refund: Refund, now: datetime
) -> Decision[PaymentAggregate, None]:
    payment, amount = require_payment(aggregate), refund.amount.amount
    refund = replace(refund, state=REFUND.move(refund.state, Cause.PROCESSED), due_at=None)
    payment = replace(payment, refunding=payment.refunding - amount, refunded=payment.refunded + amount)
    total = Cause.REFUNDED_IN_PART if payment.refunded < payment.captured else Cause.REFUNDED_IN_FULL
    cause = Cause.REFUND_PROCESSED if payment.refunding else total
    payment = replace(payment, state=PAYMENT.move(payment.state, cause))
    subject = aggregate.subject
    if subject.payment.payment_id == payment.id:
        # The slice holds the retained payment only; a duplicate was never in it.
        state = SUBJECT_PAYMENT.move(subject.payment.state, total)
        subject = replace(subject, payment=replace(subject.payment, state=state, refunded=payment.refunded))
    event = PaymentRefunded(
        **event_fields(PaymentRefunded, subject, payment.id, now, part=refund.id),
        refund_id=refund.id,
        amount=amount,
        currency=refund.amount.currency,
        customer_id=payment.customer_id,
    )
    after = replace(aggregate, subject=subject, payment=payment).with_refund(refund)
    return Decision(after, (event,), None)


def _rejected(aggregate: PaymentAggregate, refund: Refund, now: datetime) -> Decision[PaymentAggregate, None]:
    """Close a refund and open the next try; the sum being refunded does not change."""
    number = refund.attempt + 1
    delay = min(CHECK_EVERY * 2 ** min(refund.attempt, 10), MAX_RETRY_DELAY)
    retry = replace(
        refund,
        id=refund_id(refund.payment_id, number, refund.base),
        attempt=number,
        gateway_refund_id=None,
        created_at=now,
        due_at=now + delay,
    )
    closed = replace(refund, state=REFUND.move(refund.state, Cause.REJECTED), due_at=None)
    # mutant: rejected-not-retried
    return Decision(aggregate.with_refund(closed).with_refund(retry), (), None)


def _refund(payment: Payment, amount: Money, reason: str, now: datetime) -> Refund:
    base = payment.refunding + payment.refunded  # mutant: difference-id
    return Refund(
        id=refund_id(payment.id, 1, base),
        payment_id=payment.id,
        subject_ref=payment.subject_ref,
        customer_id=payment.customer_id,
        attempt=1,
        amount=amount,
        reason=reason,
        state=RefundState.PENDING,
        base=base,
        gateway_payment_id=payment.gateway_payment_id,
        created_at=now,
        due_at=now + CHECK_EVERY,
        method=payment.method,
    )
