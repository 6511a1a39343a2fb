"""Set the opening hours of a merchant."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.access import MerchantAccess, for_edit
from shared.catalogue.domain import Merchant
from shared.catalogue.hours import Hours, check_hours
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SetHours:
    """`uid` is a member of the merchant's staff. `based_on`: see `access.for_edit`."""

    uid: str
    merchant_id: str
    hours: Hours
    based_on: frozenset[int] | None = None


async def set_hours(command: SetHours, *, merchants: MerchantStore) -> Merchant:
    """Replace all opening hours and return the merchant.

    Raises `HoursInvalid`, `MerchantNotFound` for strangers, `MerchantChanged`.
    """
    hours = command.hours
    check_hours(hours)

    def decide(access: MerchantAccess) -> Merchant:
        merchant = for_edit(access, command.based_on)
        return replace(merchant, timezone=hours.timezone, hours=hours.weekly, holidays=hours.holidays)

    return await merchants.change_as(command.merchant_id, command.uid, decide)
