"""Record a captured charge."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.subject import SubjectRef
from shared.payments import charges
from shared.payments.domain import Charge
from shared.payments.ports import PaymentStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordCapture:
    """A charge as the gateway reports it, and the attempt and the order that it names."""

    payment_id: str
    subject_ref: SubjectRef
    charge: Charge


async def record_capture(command: RecordCapture, *, store: PaymentStore, now: datetime) -> None:
    """Record the capture once, however often and in whatever order the gateway reports it.

    An unmatched charge is recorded as a payment of its own, refunded, and logged for support. Raises
    `NotStoredYet` while the payment is unknown.
    """
    charge = command.charge
    unmatched = await store.change(
        command.subject_ref, command.payment_id, lambda aggregate: charges.capture(aggregate, charge, now)
    )
    if unmatched:
        log.error(
            "charge_mismatch",
            extra={"payment_id": command.payment_id, "subject_id": command.subject_ref.id},
        )
