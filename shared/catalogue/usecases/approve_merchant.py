"""An admin lets a merchant sell."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant, approved
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class ApproveMerchant:
    """Which merchant; that an admin asks is checked at the door."""

    merchant_id: str


async def approve_merchant(command: ApproveMerchant, *, merchants: MerchantStore) -> Merchant:
    """Store the approval and return the merchant. Raises `MerchantNotFound`."""
    return await merchants.change(command.merchant_id, approved)
