"""Set the capacity of a merchant: how many open orders it can have at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.access import MerchantAccess, for_edit
from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """None removes the limit. `uid` is a member of the staff. `based_on`: see `access.for_edit`."""

    uid: str
    merchant_id: str
    max_open_orders: int | None
    based_on: frozenset[int] | None = None


async def set_capacity(command: SetCapacity, *, merchants: MerchantStore) -> Merchant:
    """Store the capacity, which new orders respect, and return the merchant.

    Raises `MerchantNotFound`, `MerchantChanged`.
    """

    def decide(access: MerchantAccess) -> Merchant:
        merchant = for_edit(access, command.based_on)
        return replace(merchant, max_open_orders=command.max_open_orders)

    return await merchants.change_as(command.merchant_id, command.uid, decide)
