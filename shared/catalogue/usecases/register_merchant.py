"""Register a merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.access import owner_membership
from shared.catalogue.domain import Merchant, MerchantProfile, new_merchant
from shared.catalogue.ports import MerchantStore
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId


@dataclass(frozen=True, slots=True)
class RegisterMerchant:
    """`owner_id` is the person who registers."""

    owner_id: str
    profile: MerchantProfile


async def register_merchant(
    command: RegisterMerchant,
    *,
    merchants: MerchantStore,
    ids: NewId,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Merchant:
    """Store the merchant, closed and with a pending application, and return it.

    Raises `ProfileInvalid` or `TooManyShops`.
    """
    merchant = new_merchant(ids("mer"), command.owner_id, command.profile, now)
    return await merchants.add(merchant, owner_membership(merchant), idempotency)  # mutant: second-shop
