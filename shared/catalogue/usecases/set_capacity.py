"""The staff says how many orders the kitchen can have in hand at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.domain import Merchant, edited_by
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """Who bounds whose kitchen, and to how many orders; None ends the bound. `based_on`: see
    `domain.edited_by`."""

    uid: str
    merchant_id: str
    max_open_orders: int | None
    based_on: frozenset[int] | None = None


async def set_capacity(command: SetCapacity, *, merchants: MerchantStore) -> Merchant:
    """Store the bound, which orders keep, and return the merchant.

    Raises `MerchantNotFound` for strangers, `MerchantChanged`.
    """

    def decide(stored: Merchant | None) -> Merchant:
        merchant = edited_by(stored, command.uid, command.based_on)
        return replace(merchant, max_open_orders=command.max_open_orders)

    return await merchants.change(command.merchant_id, decide)
