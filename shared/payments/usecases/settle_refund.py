"""The gateway says how a refund stands."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.payments import refunds
from shared.payments.domain import Mismatch, RefundReport
from shared.payments.ports import PaymentStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SettleRefund:
    """Which refund of which payment, and the gateway's word on it."""

    refund_id: str
    payment_id: str
    order_id: str
    report: RefundReport


async def settle_refund(command: SettleRefund, *, store: PaymentStore, now: datetime) -> None:
    """Enter the end of a refund, once; a rejected one is tried again later.

    A report about another amount changes nothing and is logged for a person to look at. Raises
    `NotStoredYet` while the refund is unknown.
    """
    try:
        await store.change(
            command.order_id,
            command.payment_id,
            lambda books: refunds.settle(books, command.refund_id, command.report, now),
            refund_ids=[command.refund_id],
        )
    except Mismatch as error:
        log.error("refund_mismatch", extra={"refund_id": command.refund_id, "error": error.detail})
