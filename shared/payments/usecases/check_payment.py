"""Ask the gateway for the state of an attempt, in case its webhook was lost."""

from __future__ import annotations

from datetime import datetime

from shared.payments.domain import ChargeState, Payment
from shared.payments.ports import PaymentGateway, PaymentStore
from shared.payments.usecases.record_capture import RecordCapture, record_capture
from shared.payments.usecases.record_failure import RecordFailure, record_failure

EXPIRED = "expired"


async def check_payment(
    payment: Payment, *, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> ChargeState:
    """Record the charge's state at the gateway, and return it; an expired link without money is a failure.

    An authorised charge changes nothing, since the bank is still deciding. Raises `GatewayUnavailable`.
    """
    charge = await gateway.fetch(payment)
    if charge.state is ChargeState.CAPTURED:
        await record_capture(RecordCapture(payment.id, payment.subject_ref, charge), store=store, now=now)
        return charge.state
    expired = charge.state is ChargeState.CREATED and now >= payment.expires_at
    if expired or charge.state is ChargeState.FAILED:
        reason = EXPIRED if expired else charge.failure
        failure = RecordFailure(payment.id, payment.subject_ref, payment.gateway_payment_id, reason)
        await record_failure(failure, store=store, now=now)
    return charge.state
