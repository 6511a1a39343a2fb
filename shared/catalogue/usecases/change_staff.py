"""The owner hires and dismisses."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantStore
from shared.catalogue.staff import dismissed, hired, owned_by


@dataclass(frozen=True, slots=True)
class ChangeStaff:
    """Who (`uid`) decides, at which merchant, that `member` belongs to the staff or no longer does."""

    uid: str
    merchant_id: str
    member: str
    belongs: bool


async def change_staff(command: ChangeStaff, *, merchants: MerchantStore) -> Merchant:
    """Store who belongs to the staff and return the merchant; the same again changes nothing.

    Raises `MerchantNotFound` for strangers, `OwnerOnly`, `OwnerStays`, `StaffFull`.
    """

    def decide(stored: Merchant | None) -> Merchant:
        merchant = owned_by(stored, command.uid)
        return hired(merchant, command.member) if command.belongs else dismissed(merchant, command.member)

    return await merchants.change(command.merchant_id, decide)
