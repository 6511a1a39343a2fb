"""An admin lets a merchant sell, for the first time or again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantDesk
from shared.catalogue.rulings import approved


@dataclass(frozen=True, slots=True)
class ApproveMerchant:
    """Which merchant, and who says so; that an admin asks is checked at the door."""

    merchant_id: str
    by: str


async def approve_merchant(command: ApproveMerchant, *, desk: MerchantDesk, now: datetime) -> Merchant:
    """Store the approval and return the merchant. Raises `MerchantNotFound`."""
    return await desk.rule(command.merchant_id, lambda stored: approved(stored, command.by, now))
