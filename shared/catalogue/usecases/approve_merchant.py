"""Approve the application of a merchant, also of one that was rejected or suspended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.applications import approve
from shared.catalogue.domain import Merchant
from shared.catalogue.ports import ApplicationStore
from shared.kernel.idempotency import IdempotentRequest


@dataclass(frozen=True, slots=True)
class ApproveMerchant:
    """`by` is the admin; the route checks the role."""

    merchant_id: str
    by: str


async def approve_merchant(
    command: ApproveMerchant,
    *,
    applications: ApplicationStore,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Merchant:
    """Store the approval and return the merchant. Raises `MerchantNotFound` or `OperatorInvolved`."""
    return await applications.review(
        command.merchant_id,
        command.by,
        lambda access: approve(access, command.by, now),
        idempotency,
    )
