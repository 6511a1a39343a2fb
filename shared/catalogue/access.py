"""The access of a person to a merchant: what its staff may see and change."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant, MerchantChanged, MerchantNotFound
from shared.catalogue.membership import Membership, StaffRole


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
    if access.merchant is None or access.membership is None:  # mutant: dismissed-runs-shop
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
