"""The staff takes no orders for a while: the kitchen is overrun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant, run_by
from shared.catalogue.opening import paused
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class PauseMerchant:
    """Who pauses which merchant, and until when; opening ends a pause early."""

    uid: str
    merchant_id: str
    until: datetime


async def pause_merchant(command: PauseMerchant, *, merchants: MerchantStore, now: datetime) -> Merchant:
    """Store the pause and return the merchant. Raises `MerchantNotFound` for strangers, `PauseInvalid`."""
    return await merchants.change(
        command.merchant_id, lambda stored: paused(run_by(stored, command.uid), command.until, now)
    )
