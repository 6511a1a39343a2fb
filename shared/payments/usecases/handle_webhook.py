"""Handle a verified webhook event of the gateway."""

from __future__ import annotations

import logging
from datetime import datetime

from shared.payments.domain import ChargeState, NotStoredYet
from shared.payments.ports import ChargeWebhook, PaymentStore, WebhookEvent
from shared.payments.subjects import OrderNotFound
from shared.payments.usecases.record_capture import RecordCapture, record_capture
from shared.payments.usecases.record_failure import RecordFailure, record_failure
from shared.payments.usecases.record_refund import RecordRefund, record_refund

log = logging.getLogger(__name__)


async def handle_webhook(event: WebhookEvent | None, *, store: PaymentStore, now: datetime) -> None:
    """Record the event.

    No event, an authorisation without capture, and an unknown order change nothing and raise nothing: a
    gateway disables a webhook that keeps failing. Raises `NotStoredYet` when money was captured or
    refunded for a payment that is not stored (yet).
    """
    if event is None:
        return
    try:
        if isinstance(event, ChargeWebhook):
            await _record_charge(event, store, now)
        else:
            command = RecordRefund(event.refund_id, event.payment_id, event.subject_ref, event.report)
            await record_refund(command, store=store, now=now)
    except OrderNotFound:
        log.error(
            "webhook_for_unknown_order",
            extra={"payment_id": event.payment_id, "subject_id": event.subject_ref.id},
        )


async def _record_charge(event: ChargeWebhook, store: PaymentStore, now: datetime) -> None:
    charge = event.charge
    if charge.state is ChargeState.CAPTURED:
        capture = RecordCapture(event.payment_id, event.subject_ref, charge)
        await record_capture(capture, store=store, now=now)
    elif charge.state is ChargeState.FAILED:
        failure = RecordFailure(
            event.payment_id, event.subject_ref, charge.gateway_payment_id, charge.failure
        )
        try:
            await record_failure(failure, store=store, now=now)
        except NotStoredYet:
            # An attempt that failed before it was stored moved no money.
            log.info("failure_of_unknown_payment", extra={"payment_id": event.payment_id})
