"""Unmatched payments: captured money that matches no expected charge.

The amount or the currency differs from the agreed one, or the charge is not the one of the payment
link. Each unmatched charge becomes a payment of its own that pays nothing, so that the ordinary refund
returns all of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.kernel.decision import Decision
from shared.payments.aggregate import PaymentAggregate, require_payment
from shared.payments.domain import Charge, Payment, State, unmatched_payment_id
from shared.payments.event_fields import event_fields
from shared.payments.events import UnmatchedPaymentCaptured
from shared.payments.subjects import ChargeSubject


def record(aggregate: PaymentAggregate, charge: Charge, now: datetime) -> Decision[PaymentAggregate, None]:
    """Record an unmatched charge as a payment to refund, once for each charge of the gateway.

    A charge of zero leaves nothing to refund; only its id is recorded.
    """
    payment = require_payment(aggregate)
    charge_ids = (*payment.unmatched_charge_ids, charge.gateway_payment_id)
    aggregate = replace(aggregate, payment=replace(payment, unmatched_charge_ids=charge_ids))
    if charge.amount.amount <= 0:
        return Decision(aggregate, (), None)
    unmatched = _unmatched_payment(payment, charge, now)
    event = _captured_event(aggregate.subject, unmatched, payment, now)
    return Decision(replace(aggregate, unmatched=unmatched), (event,), None)  # mutant: unmatched-not-recorded


def _unmatched_payment(payment: Payment, charge: Charge, now: datetime) -> Payment:
    """Return the charge as a payment; the captured amount limits its refunds."""
    return replace(
        payment,
        id=unmatched_payment_id(payment.id, charge.gateway_payment_id),
        amount=charge.amount,
        state=State.CAPTURED,
        gateway_payment_id=charge.gateway_payment_id,
        link="",
        created_at=now,
        expires_at=now,
        captured=charge.amount.amount,
        refunding=0,
        refunded=0,
        failure="",
        due_at=None,
        reconcile_after=now,
        original_payment_id=payment.id,
        unmatched_charge_ids=(),
    )


def _captured_event(
    subject: ChargeSubject, unmatched: Payment, payment: Payment, now: datetime
) -> UnmatchedPaymentCaptured:
    return UnmatchedPaymentCaptured(
        **event_fields(UnmatchedPaymentCaptured, subject, unmatched.id, now),
        original_payment_id=payment.id,
        gateway_payment_id=unmatched.gateway_payment_id,
        amount=unmatched.captured,
        currency=unmatched.amount.currency,
        agreed_amount=payment.amount.amount,
        agreed_currency=payment.amount.currency,
    )
