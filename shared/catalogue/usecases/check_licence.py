"""Update a merchant after a licence of it was approved, rejected or has expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import Merchant, MerchantNotFound
from shared.catalogue.opening import with_licence
from shared.catalogue.ports import Licences, MerchantStore


@dataclass(frozen=True, slots=True)
class CheckLicence:
    """The merchant whose licences have changed."""

    merchant_id: str


async def check_licence(
    command: CheckLicence, *, merchants: MerchantStore, licences: Licences, now: datetime
) -> Merchant:
    """Close the merchant when it has no valid licence, and return it. Raises `MerchantNotFound`.

    It reads the current licences, so that events may arrive in any order. A closed merchant does not
    change: its licence is checked when it opens.
    """
    known = await merchants.find(command.merchant_id)
    if known is None:
        raise MerchantNotFound
    until = await licences.valid_until(known.id, known.business, now)

    def decide(stored: Merchant | None) -> Merchant:
        if stored is None:
            raise MerchantNotFound
        # mutant: licence-unseen
        return stored if until is None or not stored.open else with_licence(stored, until, now)

    return await merchants.change(command.merchant_id, decide)
