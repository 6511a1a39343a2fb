"""Set how long before its closing a merchant accepts its last order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.access import MerchantAccess, for_edit
from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SetLastOrder:
    """None means the preparation time. `uid` is a member of the staff. `based_on`: see `access.for_edit`."""

    uid: str
    merchant_id: str
    minutes_before_closing: int | None
    based_on: frozenset[int] | None = None


async def set_last_order(command: SetLastOrder, *, merchants: MerchantStore) -> Merchant:
    """Store the time, which new orders respect, and return the merchant.

    Raises `MerchantNotFound`, `MerchantChanged`.
    """

    def decide(access: MerchantAccess) -> Merchant:
        merchant = for_edit(access, command.based_on)
        return replace(merchant, last_order_minutes=command.minutes_before_closing)

    return await merchants.change_as(command.merchant_id, command.uid, decide)
