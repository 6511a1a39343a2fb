"""Submit a rejected application again."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.access import for_staff
from shared.catalogue.applications import submit_again
from shared.catalogue.domain import Merchant
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SubmitMerchant:
    """`uid` is a member of the merchant's staff."""

    uid: str
    merchant_id: str


async def submit_merchant(command: SubmitMerchant, *, merchants: MerchantStore) -> Merchant:
    """Store the application as pending and return the merchant.

    Raises `MerchantNotFound`, `MerchantNotRejected`.
    """
    return await merchants.change_as(
        command.merchant_id, command.uid, lambda access: submit_again(for_staff(access))
    )
