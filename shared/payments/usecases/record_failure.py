"""The gateway says that an attempt ended without money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.payments import charges
from shared.payments.ports import PaymentStore


@dataclass(frozen=True, slots=True)
class RecordFailure:
    """Which attempt of which order, which charge of the gateway's, and why it failed."""

    payment_id: str
    order_id: str
    gateway_payment_id: str
    reason: str


async def record_failure(command: RecordFailure, *, store: PaymentStore, now: datetime) -> None:
    """Enter the failure, which makes the order payable again; after money it changes nothing.

    Nor does the failure of a charge that is not the link's own: the link can still be paid. Raises
    `NotStoredYet` while the payment is unknown.
    """
    await store.change(
        command.order_id,
        command.payment_id,
        lambda books: charges.fail_charge(books, command.gateway_payment_id, command.reason, now),
    )
