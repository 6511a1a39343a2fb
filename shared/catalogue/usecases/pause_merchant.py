"""Pause a merchant for some time, for example because it has too many orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.access import for_staff
from shared.catalogue.domain import Merchant
from shared.catalogue.opening import paused
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class PauseMerchant:
    """Pause until a moment; to open the merchant ends the pause. `uid` is a member of its staff."""

    uid: str
    merchant_id: str
    until: datetime


async def pause_merchant(command: PauseMerchant, *, merchants: MerchantStore, now: datetime) -> Merchant:
    """Store the pause and return the merchant. Raises `MerchantNotFound`, `PauseInvalid`."""
    return await merchants.change_as(
        command.merchant_id, command.uid, lambda access: paused(for_staff(access), command.until, now)
    )
