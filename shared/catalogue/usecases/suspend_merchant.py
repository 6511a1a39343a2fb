"""An admin stops a merchant that sells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantDesk
from shared.catalogue.rulings import suspended


@dataclass(frozen=True, slots=True)
class SuspendMerchant:
    """Which merchant, who says so, and why, in words that its staff will read."""

    merchant_id: str
    by: str
    reason: str


async def suspend_merchant(command: SuspendMerchant, *, desk: MerchantDesk, now: datetime) -> Merchant:
    """Store the suspension and return the merchant. Raises `MerchantNotFound` or `MerchantNotSelling`."""
    return await desk.rule(
        command.merchant_id, lambda stored: suspended(stored, command.reason, command.by, now)
    )
