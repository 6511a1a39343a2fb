"""A licence of a merchant was approved, rejected, or has ended: that may close it, or let it go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant, MerchantNotFound
from shared.catalogue.opening import relicensed
from shared.catalogue.ports import Licences, MerchantStore


@dataclass(frozen=True, slots=True)
class CheckLicence:
    """Whose licences have changed."""

    merchant_id: str


async def check_licence(
    command: CheckLicence, *, merchants: MerchantStore, licences: Licences, now: datetime
) -> Merchant:
    """Look at the licences as they are now, so that the order of the news does not matter.

    Return the merchant. A closed one is looked at when it opens. Raises `MerchantNotFound`.
    """
    known = await merchants.find(command.merchant_id)
    if known is None:
        raise MerchantNotFound
    until = await licences.good_until(known.id, known.business, now)

    def decide(stored: Merchant | None) -> Merchant:
        if stored is None:
            raise MerchantNotFound
        return stored if until is None or not stored.open else relicensed(stored, until, now)

    return await merchants.change(command.merchant_id, decide)
