"""A webhook of the gateway, read and verified, becomes what it says."""

from __future__ import annotations

import logging
from datetime import datetime

from shared.payments.domain import ChargeState, NotStoredYet
from shared.payments.payables import OrderNotFound
from shared.payments.ports import ChargeNotice, Notice, PaymentStore
from shared.payments.usecases.record_capture import RecordCapture, record_capture
from shared.payments.usecases.record_failure import RecordFailure, record_failure
from shared.payments.usecases.settle_refund import SettleRefund, settle_refund

log = logging.getLogger(__name__)


async def apply_notice(notice: Notice | None, *, store: PaymentStore, now: datetime) -> None:
    """Enter the news; no news, a charge that is only authorised, and an order that there is not, change
    nothing: a gateway turns off a webhook that keeps refusing.

    Raises `NotStoredYet` when money came, or went back, for something of ours that is not stored (yet).
    """
    if notice is None:
        return
    try:
        if isinstance(notice, ChargeNotice):
            await _apply_charge(notice, store, now)
        else:
            settled = SettleRefund(notice.refund_id, notice.payment_id, notice.order_id, notice.report)
            await settle_refund(settled, store=store, now=now)
    except OrderNotFound:
        log.error("news_of_no_order", extra={"payment_id": notice.payment_id, "order_id": notice.order_id})


async def _apply_charge(notice: ChargeNotice, store: PaymentStore, now: datetime) -> None:
    charge = notice.charge
    if charge.state is ChargeState.CAPTURED:
        await record_capture(RecordCapture(notice.payment_id, notice.order_id, charge), store=store, now=now)
    elif charge.state is ChargeState.FAILED:
        failure = RecordFailure(notice.payment_id, notice.order_id, charge.gateway_payment_id, charge.failure)
        try:
            await record_failure(failure, store=store, now=now)
        except NotStoredYet:
            # An attempt that ended before we kept it moved no money.
            log.info("failure_of_no_payment", extra={"payment_id": notice.payment_id})
