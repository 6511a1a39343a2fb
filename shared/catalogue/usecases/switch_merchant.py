"""The staff opens or closes the shop."""

from __future__ import annotations

from dataclasses import dataclass

from shared.catalogue.domain import Merchant, closed, opened, run_by
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SwitchMerchant:
    """Who switches which merchant, and which way."""

    uid: str
    merchant_id: str
    open: bool


async def switch_merchant(command: SwitchMerchant, *, merchants: MerchantStore) -> Merchant:
    """Store the switch and return the merchant; switching twice changes nothing.

    Raises `MerchantNotFound` for strangers, `MerchantNotApproved` or `MenuMissing` when it cannot open.
    """

    def decide(stored: Merchant | None) -> Merchant:
        merchant = run_by(stored, command.uid)
        return opened(merchant) if command.open else closed(merchant)

    return await merchants.change(command.merchant_id, decide)
