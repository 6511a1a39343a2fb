"""The staff says that an item, or one choice of it, cannot be had, or can again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.catalogue.domain import Merchant, run_by
from shared.catalogue.menu import ItemNotFound, Menu, switched
from shared.catalogue.ports import MerchantStore


@dataclass(frozen=True, slots=True)
class SwitchItem:
    """Who switches what of whose menu, and which way; without `choice_id` it is the whole item."""

    uid: str
    merchant_id: str
    item_id: str
    available: bool
    choice_id: str | None = None


async def switch_item(command: SwitchItem, *, merchants: MerchantStore) -> tuple[Merchant, Menu]:
    """Store the menu's next version and return it with its merchant; switching twice changes nothing.

    A version of its own, so that whoever prices an order needs to know of nothing but versions, and
    whoever edits the menu at the same time is told by `MenuChanged`.
    Raises `MerchantNotFound` for strangers, `ItemNotFound`, `ChoiceNotFound`.
    """

    def decide(stored: Merchant | None, menu: Menu | None) -> tuple[Merchant, Menu]:
        merchant = run_by(stored, command.uid)
        if menu is None:
            raise ItemNotFound
        after = switched(menu, command.item_id, command.choice_id, command.available)
        return replace(merchant, menu_version=after.version), after

    return await merchants.revise(command.merchant_id, decide)
