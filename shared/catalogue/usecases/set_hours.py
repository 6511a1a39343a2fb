"""The staff says when the shop is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.domain import Merchant, edited_by
from shared.catalogue.hours import Hours, check_hours
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SetHours:
    """Who sets whose hours. `based_on`: see `domain.edited_by`."""

    uid: str
    merchant_id: str
    hours: Hours
    based_on: frozenset[int] | None = None


async def set_hours(command: SetHours, *, merchants: MerchantStore) -> Merchant:
    """Store the hours, all of them anew, and return the merchant.

    Raises `HoursInvalid`, `MerchantNotFound` for strangers, `MerchantChanged`.
    """
    hours = command.hours
    check_hours(hours)

    def decide(stored: Merchant | None) -> Merchant:
        merchant = edited_by(stored, command.uid, command.based_on)
        return replace(merchant, timezone=hours.timezone, hours=hours.weekly, holidays=hours.holidays)

    return await merchants.change(command.merchant_id, decide)
