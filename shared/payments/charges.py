"""The rules of charges: pure decisions over the payment aggregate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.decision import Decision
from shared.kernel.order import Fulfilment, PaymentState
from shared.kernel.subject import ChargeKind
from shared.payments import unmatched
from shared.payments.aggregate import PaymentAggregate, require_payment
from shared.payments.domain import (
    CHECK_EVERY,
    LATE_MONEY,
    AttemptEnded,
    Charge,
    Payment,
    PaymentInProgress,
    State,
)
from shared.payments.event_fields import event_fields
from shared.payments.events import (
    DuplicatePaymentCaptured,
    PaymentCaptured,
    PaymentEvent,
    PaymentFailed,
    PaymentStarted,
    TipPaid,
)
from shared.payments.machine import PAYMENT, SUBJECT_PAYMENT, Cause
from shared.payments.subjects import (
    CLOSED,
    UNDELIVERED,
    AlreadyPaid,
    ChargeSubject,
    OrderClosed,
    PaymentSlice,
    not_found,
)

DECLINED = "declined"
"""The failure of an attempt that the gateway did not accept."""

MISMATCH = "charge_mismatch"
"""The failure of an attempt whose charge had another amount or currency."""


def require_chargeable(subject: ChargeSubject, customer_id: str) -> None:
    """Raise `OrderNotFound`, `TipNotFound`, `AlreadyPaid` or `OrderClosed` unless the customer can pay."""
    if subject.customer_id != customer_id:
        raise not_found(subject.ref)
    if subject.payment.captured:  # mutant: tip-charged-twice
        raise AlreadyPaid
    if subject.fulfilment in CLOSED:
        raise OrderClosed


def start(aggregate: PaymentAggregate, proposed: Payment) -> Decision[PaymentAggregate, Payment]:
    """Start a new attempt; return the stored one when a concurrent request has started it.

    Raises what `require_chargeable` raises, `AttemptEnded` when this attempt has failed since, and
    `PaymentInProgress` when another attempt is open.
    """
    require_chargeable(aggregate.subject, proposed.customer_id)
    if aggregate.payment is not None and aggregate.payment.state is not State.PENDING:
        raise AttemptEnded
    if aggregate.payment is not None:
        return Decision(aggregate, (), aggregate.payment)
    if aggregate.subject.payment.state is PaymentState.PENDING:
        raise PaymentInProgress
    state = SUBJECT_PAYMENT.move(aggregate.subject.payment.state, Cause.LINK_REQUESTED)
    subject = replace(aggregate.subject, payment=PaymentSlice(state, proposed.id))
    fields = event_fields(
        PaymentStarted, subject, proposed.id, proposed.created_at, actor=proposed.customer_id
    )
    return Decision(PaymentAggregate(subject, proposed), (PaymentStarted(**fields),), proposed)


def decline(aggregate: PaymentAggregate, proposed: Payment) -> Decision[PaymentAggregate, None]:
    """Record that the gateway declined an attempt, so that the next attempt has another id.

    The gateway may repeat its refusal for the same id. Nothing changes when the subject is paid or has
    an open attempt by now.
    """
    state = aggregate.subject.payment.state
    if aggregate.payment is not None or not SUBJECT_PAYMENT.allows(state, Cause.DECLINED):
        return Decision(aggregate, (), None)
    declined = replace(proposed, state=State.FAILED, failure=DECLINED, due_at=None)
    slice_ = PaymentSlice(SUBJECT_PAYMENT.move(state, Cause.DECLINED), declined.id)
    subject = replace(aggregate.subject, payment=slice_)
    event = _failed(subject, declined, proposed.created_at)
    return Decision(PaymentAggregate(subject, declined), (event,), None)


def capture(aggregate: PaymentAggregate, charge: Charge, now: datetime) -> Decision[PaymentAggregate, bool]:
    """Record a captured charge. A repeated report changes nothing; money after a failure counts.

    When another attempt has paid the subject, the payment is a duplicate: only the payment records it,
    and its event causes the refund. A charge that differs from the agreed one becomes an unmatched
    payment. The result says whether the charge is unmatched.
    """
    payment = require_payment(aggregate)
    own = charge.gateway_payment_id == payment.gateway_payment_id
    # mutant: webhook-twice, late-money-ignored
    if charge.gateway_payment_id in payment.unmatched_charge_ids or (own and payment.captured):
        return Decision(aggregate, (), False)
    if not own or charge.amount != payment.amount:  # mutant: other-amount-pays
        return _record_unmatched(aggregate, charge, now)
    paid = replace(
        payment,
        state=PAYMENT.move(payment.state, Cause.CAPTURED),
        captured=charge.amount.amount,
        failure="",
        due_at=None,
    )
    if aggregate.subject.payment.captured:  # mutant: second-charge-replaces
        return _record_duplicate(aggregate, paid, now)
    state = SUBJECT_PAYMENT.move(aggregate.subject.payment.state, Cause.CAPTURED)
    slice_ = PaymentSlice(state, paid.id, paid.captured, reconcile_after=now)
    subject = replace(aggregate.subject, payment=slice_)
    after = replace(aggregate, subject=subject, payment=paid)
    return Decision(after, (_captured(subject, paid, now),), False)


def fail_charge(
    aggregate: PaymentAggregate, gateway_payment_id: str, reason: str, now: datetime
) -> Decision[PaymentAggregate, None]:
    """Record a failed charge; it ends the attempt if it is the charge of the attempt's link."""
    if gateway_payment_id != require_payment(aggregate).gateway_payment_id:
        return Decision(aggregate, (), None)
    return fail(aggregate, reason, now)


def fail(aggregate: PaymentAggregate, reason: str, now: datetime) -> Decision[PaymentAggregate, None]:
    """Record that an attempt ended without money; only a pending payment changes."""
    payment = require_payment(aggregate)
    if not PAYMENT.allows(payment.state, Cause.FAILED):  # mutant: failure-overwrites
        return Decision(aggregate, (), None)
    failed = replace(payment, state=PAYMENT.move(payment.state, Cause.FAILED), failure=reason)
    failed = replace(failed, due_at=next_check(failed, now))
    subject = aggregate.subject
    if subject.payment.payment_id == payment.id:
        state = SUBJECT_PAYMENT.move(subject.payment.state, Cause.FAILED)
        subject = replace(subject, payment=replace(subject.payment, state=state))
    after = replace(aggregate, subject=subject, payment=failed)
    return Decision(after, (_failed(subject, failed, now),), None)


def lease(aggregate: PaymentAggregate, due: Payment, now: datetime) -> Decision[PaymentAggregate, bool]:
    """Move the next check of a due payment; the result is False when it was moved or cleared before."""
    payment = require_payment(aggregate)
    if payment.due_at is None or payment.due_at != due.due_at:
        return Decision(aggregate, (), False)
    leased = replace(payment, due_at=next_check(payment, now))
    return Decision(replace(aggregate, payment=leased), (), True)


def next_check(payment: Payment, now: datetime) -> datetime | None:
    """Return when to ask the gateway next: each minute while pending, then at growing intervals."""
    if payment.state is State.PENDING:
        return now + CHECK_EVERY
    age = now - payment.created_at
    if payment.state is not State.FAILED or age > LATE_MONEY:
        return None
    return now + max(CHECK_EVERY, timedelta(seconds=age.total_seconds() / 4))


def _record_unmatched(
    aggregate: PaymentAggregate, charge: Charge, now: datetime
) -> Decision[PaymentAggregate, bool]:
    """Record an unmatched charge; fail the attempt if the charge is its own, since no other can come."""
    recorded = unmatched.record(aggregate, charge, now)
    # mutant: unmatched-stays-pending
    if charge.gateway_payment_id != require_payment(aggregate).gateway_payment_id:
        return Decision(recorded.state, recorded.events, True)
    failed = fail(recorded.state, MISMATCH, now)
    payment = replace(require_payment(failed.state), due_at=None)
    events = (*recorded.events, *failed.events)
    return Decision(replace(failed.state, payment=payment), events, True)


def _record_duplicate(
    aggregate: PaymentAggregate, paid: Payment, now: datetime
) -> Decision[PaymentAggregate, bool]:
    """Record a second payment of a paid subject, to be refunded."""
    event = DuplicatePaymentCaptured(
        **event_fields(DuplicatePaymentCaptured, aggregate.subject, paid.id, now),
        amount=paid.captured,
        currency=paid.amount.currency,
    )
    return Decision(replace(aggregate, payment=replace(paid, reconcile_after=now)), (event,), False)


def _captured(subject: ChargeSubject, paid: Payment, now: datetime) -> PaymentEvent:
    if subject.ref.kind is ChargeKind.TIP:
        return TipPaid(
            **event_fields(TipPaid, subject, paid.id, now),
            customer_id=subject.customer_id,
            driver_id=subject.driver_id,
            amount=paid.captured,
            currency=paid.amount.currency,
        )
    return PaymentCaptured(
        **event_fields(PaymentCaptured, subject, paid.id, now),
        customer_id=subject.customer_id,
        merchant_id=subject.merchant_id,
        amount=paid.captured,
        currency=paid.amount.currency,
        order_cancelled=subject.fulfilment in UNDELIVERED,
        scheduled_for=subject.scheduled_for if subject.fulfilment is Fulfilment.SCHEDULED else None,
        timezone=subject.timezone,
    )


def _failed(subject: ChargeSubject, payment: Payment, now: datetime) -> PaymentFailed:
    return PaymentFailed(**event_fields(PaymentFailed, subject, payment.id, now), reason=payment.failure)
