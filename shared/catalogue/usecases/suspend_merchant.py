"""Suspend an approved merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.applications import suspend
from shared.catalogue.domain import Merchant
from shared.catalogue.ports import ApplicationStore
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class SuspendMerchant:
    """`by` is the admin; the staff of the merchant can read the `reason`."""

    merchant_id: str
    by: str
    reason: str


async def suspend_merchant(
    command: SuspendMerchant,
    *,
    applications: ApplicationStore,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Merchant:
    """Store the suspension and return the merchant. Raises what `suspend` raises."""
    return await applications.review(
        command.merchant_id,
        command.by,
        lambda access: suspend(access, command.reason, command.by, now),
        idempotency,
    )
