"""Hire or dismiss a member of a merchant's staff."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantStore
from shared.catalogue.staff import dismiss, for_owner, hire


@dataclass(frozen=True, slots=True)
class ChangeStaff:
    """Hire `member` when `belongs` is true, else dismiss them; `uid` is the owner."""

    uid: str
    merchant_id: str
    member: str
    belongs: bool


async def change_staff(command: ChangeStaff, *, merchants: MerchantStore) -> Merchant:
    """Store the staff and return the merchant. To repeat the command changes nothing.

    Raises `MerchantNotFound`, `OwnerOnly`, `OwnerStays`, `StaffFull`.
    """

    def decide(stored: Merchant | None) -> Merchant:
        merchant = for_owner(stored, command.uid)
        return hire(merchant, command.member) if command.belongs else dismiss(merchant, command.member)

    return await merchants.change(command.merchant_id, decide)
