"""The gateway says that money came."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.payments import charges
from shared.payments.domain import Charge
from shared.payments.ports import PaymentStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordCapture:
    """Which attempt of which order, and the charge as the gateway states it."""

    payment_id: str
    order_id: str
    charge: Charge


async def record_capture(command: RecordCapture, *, store: PaymentStore, now: datetime) -> None:
    """Enter the money: once, however often and in whatever order the gateway tells.

    A charge that is not the one that was agreed on is kept apart, goes back, and is logged for a
    person to look at. Raises `NotStoredYet` while the payment is unknown.
    """
    charge = command.charge
    astray = await store.change(
        command.order_id, command.payment_id, lambda books: charges.capture(books, charge, now)
    )
    if astray:
        log.error(
            "charge_mismatch",
            extra={"payment_id": command.payment_id, "order_id": command.order_id},
        )
