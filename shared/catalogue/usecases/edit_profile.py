"""The staff says anew what the shop is and where."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant, Registration, described, edited_by
from shared.catalogue.menu import Menu
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class EditProfile:
    """Who says what of which merchant. `based_on`: see `domain.edited_by`."""

    uid: str
    merchant_id: str
    said: Registration
    based_on: frozenset[int] | None = None


async def edit_profile(command: EditProfile, *, merchants: MerchantStore) -> Merchant:
    """Store the profile and return the merchant; quotes and orders that stand keep the old one.

    Raises `MerchantNotFound` for strangers, `MerchantChanged`, `ProfileInvalid`.
    """

    def decide(stored: Merchant | None, menu: Menu | None) -> tuple[Merchant, Menu | None]:
        merchant = edited_by(stored, command.uid, command.based_on)
        return described(merchant, command.said, menu.items if menu else ()), menu

    merchant, _ = await merchants.revise(command.merchant_id, decide)
    return merchant
