"""Somebody wants to sell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant, Registration, registered
from shared.catalogue.ports import MerchantStore
from shared.kernel.ids import NewId
from shared.kernel.once import Once


@dataclass(frozen=True, slots=True)
class RegisterMerchant:
    """Who registers, and what they say about the shop."""

    owner_id: str
    said: Registration


async def register_merchant(
    command: RegisterMerchant,
    *,
    merchants: MerchantStore,
    ids: NewId,
    now: datetime,
    once: Once | None = None,
) -> Merchant:
    """Store the merchant, closed and not yet approved, and return it. Raises `ProfileInvalid`."""
    merchant = registered(ids("mer"), command.owner_id, command.said, now)
    return await merchants.add(merchant, once)
