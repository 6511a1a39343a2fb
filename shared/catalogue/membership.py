"""The membership of a person in the staff of a merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.catalogue.domain import Merchant, MerchantChanged, MerchantNotFound


class StaffRole(StrEnum):
    """The role of a member of staff."""

    OWNER = "owner"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Membership:
    """A person (`uid`) belongs to the staff of a merchant. `by` is the person who added them.

    The document exists exactly as long as the person belongs to the staff.
    """

    merchant_id: str
    uid: str
    role: StaffRole
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class MerchantAccess:
    """A merchant and the caller's membership in its staff, both as of one moment."""

    merchant: Merchant | None
    membership: Membership | None


def owner_membership(merchant: Merchant) -> Membership:
    """Return the membership of the owner of a new merchant."""
    owner = merchant.owner_id
    return Membership(merchant.id, owner, StaffRole.OWNER, merchant.created_at, owner)


def for_staff(access: MerchantAccess) -> Merchant:
    """Return the merchant to a member of its staff. Raises `MerchantNotFound` for others."""
    if access.merchant is None or access.membership is None:
        raise MerchantNotFound
    return access.merchant


def for_edit(access: MerchantAccess, based_on: frozenset[int] | None) -> Merchant:
    """Return the merchant at its next revision to a member of its staff.

    `based_on` holds the revisions that the edit may replace; None allows any.
    Raises `MerchantNotFound` or `MerchantChanged`.
    """
    merchant = for_staff(access)
    if based_on is not None and merchant.revision not in based_on:
        raise MerchantChanged
    return merchant.next_revision()
