"""A webhook of the gateway, read and verified, becomes what it says."""

from __future__ import annotations

from datetime import datetime

from shared.payments.domain import ChargeState
from shared.payments.ports import ChargeNotice, Notice, PaymentStore
from shared.payments.usecases.record_capture import RecordCapture, record_capture
from shared.payments.usecases.record_failure import RecordFailure, record_failure
from shared.payments.usecases.settle_refund import SettleRefund, settle_refund


async def apply_notice(notice: Notice | None, *, store: PaymentStore, now: datetime) -> None:
    """Enter the news; no news, and a charge that is only authorised, change nothing.

    Raises `NotStoredYet` when the news is about something of ours that is not stored (yet).
    """
    if notice is None:
        return
    if isinstance(notice, ChargeNotice):
        await _apply_charge(notice, store, now)
        return
    settled = SettleRefund(notice.refund_id, notice.payment_id, notice.order_id, notice.report)
    await settle_refund(settled, store=store, now=now)


async def _apply_charge(notice: ChargeNotice, store: PaymentStore, now: datetime) -> None:
    charge = notice.charge
    if charge.state is ChargeState.CAPTURED:
        await record_capture(RecordCapture(notice.payment_id, notice.order_id, charge), store=store, now=now)
    elif charge.state is ChargeState.FAILED:
        failure = RecordFailure(notice.payment_id, notice.order_id, charge.failure)
        await record_failure(failure, store=store, now=now)
