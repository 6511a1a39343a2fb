"""The staff asks for another look at a rejected application."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant, run_by
from shared.catalogue.ports import MerchantStore
from shared.catalogue.rulings import submitted


@dataclass(frozen=True, slots=True)
class SubmitMerchant:
    """Who asks, for which merchant."""

    uid: str
    merchant_id: str


async def submit_merchant(command: SubmitMerchant, *, merchants: MerchantStore) -> Merchant:
    """Store that the application waits again, and return the merchant.

    Raises `MerchantNotFound` for strangers, `MerchantNotRejected`.
    """
    return await merchants.change(command.merchant_id, lambda stored: submitted(run_by(stored, command.uid)))
