"""The staff of a merchant. Its owner hires and dismisses."""

from __future__ import annotations

from dataclasses import replace

from shared.catalogue.domain import Merchant, for_staff
from shared.kernel.errors import Forbidden, Invalid

MAX_STAFF = 50


class OwnerOnly(Forbidden):
    """Only the owner may change the staff."""

    code = "OWNER_ONLY"
    detail = "Only the owner of the merchant may change its staff."


class OwnerStays(Invalid):
    """The owner cannot be dismissed."""

    code = "OWNER_STAYS"
    detail = "The owner of a merchant cannot be dismissed."


class StaffFull(Invalid):
    """The merchant has reached the limit of its staff."""

    code = "STAFF_FULL"
    detail = "A merchant has at most 50 members of staff. Dismiss one before you hire another."


def for_owner(merchant: Merchant | None, uid: str) -> Merchant:
    """Return a merchant to its owner. Raises `OwnerOnly` for other staff, `MerchantNotFound` for others."""
    shop = for_staff(merchant, uid)
    if shop.owner_id != uid:
        raise OwnerOnly
    return shop


def hire(merchant: Merchant, uid: str) -> Merchant:
    """Return the merchant with one more member of staff. A repetition changes nothing. Raises `StaffFull`."""
    if uid in merchant.staff:
        return merchant
    if len(merchant.staff) >= MAX_STAFF:
        raise StaffFull
    return replace(merchant, staff=(*merchant.staff, uid))


def dismiss(merchant: Merchant, uid: str) -> Merchant:
    """Return the merchant without a member of staff. A repetition changes nothing. Raises `OwnerStays`."""
    if uid == merchant.owner_id:
        raise OwnerStays
    return replace(merchant, staff=tuple(member for member in merchant.staff if member != uid))
