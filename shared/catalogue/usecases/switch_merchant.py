"""Open or close a merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.access import MerchantAccess, for_staff
from shared.catalogue.domain import Merchant
from shared.catalogue.opening import closed, opened
from shared.catalogue.ports import Licences, MerchantStore
from shared.catalogue.usecases.check_licence import CheckLicence, check_licence


@dataclass(frozen=True, slots=True)
class SwitchMerchant:
    """Open or close the merchant; `uid` is a member of its staff."""

    uid: str
    merchant_id: str
    open: bool


async def switch_merchant(
    command: SwitchMerchant, *, merchants: MerchantStore, licences: Licences, now: datetime
) -> Merchant:
    """Store the switch and return the merchant. To repeat the command changes nothing.

    Raises `MerchantNotFound`, and what `opening.opened` raises when the merchant cannot open.
    """
    if not command.open:
        return await merchants.change_as(
            command.merchant_id, command.uid, lambda access: closed(for_staff(access))
        )
    known = for_staff(await merchants.access(command.merchant_id, command.uid))
    until = await licences.valid_until(known.id, known.business, now)

    def decide(access: MerchantAccess) -> Merchant:
        return opened(for_staff(access), until, now)

    merchant = await merchants.change_as(known.id, command.uid, decide)
    if await licences.valid_until(known.id, known.business, now) == until:
        return merchant
    # The licences were reviewed in between, and the event of that may have been handled before this change.
    check = CheckLicence(known.id)
    return await check_licence(check, merchants=merchants, licences=licences, now=now)
