"""The staff opens or closes the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant, run_by
from shared.catalogue.opening import closed, opened
from shared.catalogue.ports import Licences, MerchantStore
from shared.catalogue.usecases.check_licence import CheckLicence, check_licence


@dataclass(frozen=True, slots=True)
class SwitchMerchant:
    """Who switches which merchant, and which way."""

    uid: str
    merchant_id: str
    open: bool


async def switch_merchant(
    command: SwitchMerchant, *, merchants: MerchantStore, licences: Licences, now: datetime
) -> Merchant:
    """Store the switch and return the merchant; switching twice changes nothing.

    Raises `MerchantNotFound` for strangers, and what `domain.opened` raises when it cannot open.
    """
    if not command.open:
        return await merchants.change(command.merchant_id, lambda stored: closed(run_by(stored, command.uid)))
    known = run_by(await merchants.find(command.merchant_id), command.uid)
    until = await licences.good_until(known.id, known.business, now)

    def decide(stored: Merchant | None) -> Merchant:
        return opened(run_by(stored, command.uid), until, now)

    merchant = await merchants.change(known.id, decide)
    if await licences.good_until(known.id, known.business, now) == until:
        return merchant
    check = CheckLicence(known.id)  # somebody has judged them, and the news of it may have come before us
    return await check_licence(check, merchants=merchants, licences=licences, now=now)
