"""Replace the profile of a merchant."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.access import MerchantAccess, for_edit
from shared.catalogue.domain import Merchant, MerchantProfile, with_profile
from shared.catalogue.menu import Menu
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class EditProfile:
    """`uid` is a member of the merchant's staff. `based_on`: see `access.for_edit`."""

    uid: str
    merchant_id: str
    profile: MerchantProfile
    based_on: frozenset[int] | None = None


async def edit_profile(command: EditProfile, *, merchants: MerchantStore) -> Merchant:
    """Store the profile and return the merchant. Existing quotes and orders keep the old one.

    Raises `MerchantNotFound`, `MerchantChanged`, `ProfileInvalid`.
    """

    def decide(access: MerchantAccess, menu: Menu | None) -> tuple[Merchant, Menu | None]:
        merchant = for_edit(access, command.based_on)
        return with_profile(merchant, command.profile, menu.items if menu else ()), menu

    merchant, _ = await merchants.revise(command.merchant_id, command.uid, decide)
    return merchant
