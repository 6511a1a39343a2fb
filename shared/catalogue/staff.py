"""Who works at a merchant: its owner decides."""

from __future__ import annotations

from dataclasses import replace

from shared.catalogue.domain import Merchant, run_by
from shared.kernel.errors import Forbidden, Invalid

MAX_STAFF = 50


class OwnerOnly(Forbidden):
    """Only the owner decides who belongs to the staff."""

    code = "OWNER_ONLY"
    detail = "Only the owner decides who belongs to the staff."


class OwnerStays(Invalid):
    """The owner belongs to the staff as long as the merchant exists."""

    code = "OWNER_STAYS"
    detail = "The owner belongs to the staff as long as the merchant exists."


class StaffFull(Invalid):
    """A merchant has at most fifty members of staff."""

    code = "STAFF_FULL"
    detail = "A merchant has at most fifty members of staff."


def owned_by(merchant: Merchant | None, uid: str) -> Merchant:
    """Return the merchant if it is the person's own. Raises `MerchantNotFound`, to its staff `OwnerOnly`."""
    shop = run_by(merchant, uid)
    if shop.owner_id != uid:
        raise OwnerOnly
    return shop


def hired(merchant: Merchant, uid: str) -> Merchant:
    """Return the merchant with a member of staff more; hiring twice changes nothing. Raises `StaffFull`."""
    if uid in merchant.staff:
        return merchant
    if len(merchant.staff) >= MAX_STAFF:
        raise StaffFull
    return replace(merchant, staff=(*merchant.staff, uid))


def dismissed(merchant: Merchant, uid: str) -> Merchant:
    """Return the merchant without a member of staff; a stranger is gone already. Raises `OwnerStays`."""
    if uid == merchant.owner_id:
        raise OwnerStays
    return replace(merchant, staff=tuple(member for member in merchant.staff if member != uid))
