"""Reject the application of a merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.applications import reject
from shared.catalogue.domain import Merchant
from shared.catalogue.ports import ApplicationStore
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class RejectMerchant:
    """`by` is the admin; the staff of the merchant can read the `reason`."""

    merchant_id: str
    by: str
    reason: str


async def reject_merchant(
    command: RejectMerchant,
    *,
    applications: ApplicationStore,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Merchant:
    """Store the rejection and return the merchant. Raises what `reject` raises."""
    return await applications.review(
        command.merchant_id,
        command.by,
        lambda access: reject(access, command.reason, command.by, now),
        idempotency,
    )
