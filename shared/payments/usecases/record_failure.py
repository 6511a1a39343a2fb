"""Record that an attempt ended without money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.subject import SubjectRef
from shared.payments import charges
from shared.payments.ports import PaymentStore


@dataclass(frozen=True, slots=True)
class RecordFailure:
    """The attempt, its order, the failed charge of the gateway, and the reason."""

    payment_id: str
    subject_ref: SubjectRef
    gateway_payment_id: str
    reason: str


async def record_failure(command: RecordFailure, *, store: PaymentStore, now: datetime) -> None:
    """Record the failure, so that another attempt can pay; after a capture it changes nothing.

    The failure of a charge that is not the one of the link changes nothing either, since the link can
    still be paid. Raises `NotStoredYet` while the payment is unknown.
    """
    await store.change(
        command.subject_ref,
        command.payment_id,
        lambda aggregate: charges.fail_charge(aggregate, command.gateway_payment_id, command.reason, now),
    )
