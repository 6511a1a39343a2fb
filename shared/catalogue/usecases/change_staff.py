"""Hire or dismiss a member of a merchant's staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.access import MerchantAccess
from shared.catalogue.domain import Merchant
from shared.catalogue.membership import Membership
from shared.catalogue.ports import StaffStore
from shared.catalogue.staff import StaffDecision, dismiss, for_owner, hire


@dataclass(frozen=True, slots=True)
class ChangeStaff:
    """Hire `member` when `belongs` is true, else dismiss them; `uid` is the owner."""

    uid: str
    merchant_id: str
    member: str
    belongs: bool


async def change_staff(
    command: ChangeStaff, *, staff: StaffStore, now: datetime
) -> tuple[Merchant, Sequence[Membership]]:
    """Store the membership of `member`, and return the merchant and its staff. A repetition changes nothing.

    Raises `MerchantNotFound`, `OwnerOnly`, `OwnerStays`, `StaffFull`.
    """

    def decide(access: MerchantAccess, existing: Membership | None) -> StaffDecision:
        merchant = for_owner(access)
        if command.belongs:
            return hire(merchant, existing, command.member, command.uid, now)
        return dismiss(merchant, existing)

    merchant = await staff.change(command.merchant_id, command.uid, command.member, decide)
    return merchant, await staff.members(command.merchant_id)
