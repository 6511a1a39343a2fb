"""Record the gateway's report on a refund."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.subject import SubjectRef
from shared.payments import refunds
from shared.payments.domain import Mismatch, RefundReport
from shared.payments.ports import PaymentStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordRefund:
    """The gateway's report, and the refund, payment and order that it concerns."""

    refund_id: str
    payment_id: str
    subject_ref: SubjectRef
    report: RefundReport


async def record_refund(command: RecordRefund, *, store: PaymentStore, now: datetime) -> None:
    """Record the result of a refund once; a rejected refund is tried again later.

    A report with another amount changes nothing and is logged for support. Raises `NotStoredYet` while
    the refund is unknown.
    """
    try:
        await store.change(
            command.subject_ref,
            command.payment_id,
            lambda aggregate: refunds.record_report(aggregate, command.refund_id, command.report, now),
            refund_ids=[command.refund_id],
        )
    except Mismatch as error:
        log.error("refund_mismatch", extra={"refund_id": command.refund_id, "error": error.detail})
