"""The rules of a merchant's staff. Its owner hires and dismisses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.catalogue.access import MerchantAccess, for_staff
from shared.catalogue.domain import Merchant
from shared.catalogue.membership import Membership, StaffRole
from shared.kernel.decision import Decision
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


@dataclass(frozen=True, slots=True)
class StaffState:
    """A merchant and the membership of the person concerned, if any."""

    merchant: Merchant
    membership: Membership | None


StaffDecision = Decision[StaffState, Merchant]


def for_owner(access: MerchantAccess) -> Merchant:
    """Return the merchant to its owner. Raises `OwnerOnly` for other staff, `MerchantNotFound` for others."""
    merchant = for_staff(access)
    if access.membership is None or access.membership.role is not StaffRole.OWNER:
        raise OwnerOnly
    return merchant


def hire(merchant: Merchant, existing: Membership | None, uid: str, by: str, at: datetime) -> StaffDecision:
    """Return the merchant and the membership of `uid`. A repetition changes nothing. Raises `StaffFull`."""
    if existing is not None:
        return _decided(merchant, existing)
    if merchant.staff_count >= MAX_STAFF:
        raise StaffFull
    hired = Membership(merchant.id, uid, StaffRole.STAFF, at, by)
    return _decided(replace(merchant, staff_count=merchant.staff_count + 1), hired)


def dismiss(merchant: Merchant, existing: Membership | None) -> StaffDecision:
    """Return the merchant without a membership. A repetition changes nothing. Raises `OwnerStays`."""
    if existing is None:
        return _decided(merchant, None)
    if existing.role is StaffRole.OWNER:
        raise OwnerStays
    return _decided(replace(merchant, staff_count=merchant.staff_count - 1), None)


def _decided(merchant: Merchant, membership: Membership | None) -> StaffDecision:
    return Decision(StaffState(merchant, membership), (), merchant)
