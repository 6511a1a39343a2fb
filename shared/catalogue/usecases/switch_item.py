"""Set the availability of a menu item or of one of its modifiers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.access import MerchantAccess, for_staff
from shared.catalogue.domain import Merchant
from shared.catalogue.menu import ItemNotFound, Menu, with_availability
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SwitchItem:
    """Without `modifier_id` the command is about the whole item. `uid` is a member of the staff."""

    uid: str
    merchant_id: str
    item_id: str
    available: bool
    modifier_id: str | None = None


async def switch_item(command: SwitchItem, *, merchants: MerchantStore) -> tuple[Merchant, Menu]:
    """Store the next version of the menu and return it with its merchant.

    To switch twice changes nothing. It is a new version, so that the price of an order depends on the
    version alone, and so that a concurrent edit of the menu fails with `MenuChanged` (ADR 0004).
    Raises `MerchantNotFound`, `ItemNotFound`, `ModifierNotFound`.
    """

    def decide(access: MerchantAccess, menu: Menu | None) -> tuple[Merchant, Menu]:
        merchant = for_staff(access)
        if menu is None:
            raise ItemNotFound
        after = with_availability(menu, command.item_id, command.modifier_id, command.available)
        return replace(merchant, menu_version=after.version), after

    return await merchants.revise(command.merchant_id, command.uid, decide)
