"""An admin turns an application away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantDesk
from shared.catalogue.rulings import rejected


@dataclass(frozen=True, slots=True)
class RejectMerchant:
    """Which merchant, who says so, and why, in words that its staff will read."""

    merchant_id: str
    by: str
    reason: str


async def reject_merchant(command: RejectMerchant, *, desk: MerchantDesk, now: datetime) -> Merchant:
    """Store the rejection and return the merchant. Raises `MerchantNotFound` or `MerchantNotPending`."""
    return await desk.rule(
        command.merchant_id, lambda stored: rejected(stored, command.reason, command.by, now)
    )
