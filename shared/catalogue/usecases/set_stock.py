"""Set the stock of an item after a count by the staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.access import for_staff
from shared.catalogue.menu import item_of
from shared.catalogue.ports import MerchantStore, StockStore
from shared.catalogue.stock import Stock, stock_count


@dataclass(frozen=True, slots=True)
class SetStock:
    """`on_hand` is the counted number of units; `uid` is a member of the merchant's staff."""

    uid: str
    merchant_id: str
    item_id: str
    on_hand: int


async def set_stock(
    command: SetStock, *, merchants: MerchantStore, stock: StockStore, now: datetime
) -> Stock:
    """Replace the stock of the item and return it.

    An order at the same moment reserves from the old count or from the new one.
    Raises `MerchantNotFound`, `ItemNotFound`, `ItemNotStocked`.
    """
    shop = for_staff(await merchants.access(command.merchant_id, command.uid))
    item = item_of(await merchants.menu(shop.id, shop.menu_version), command.item_id)
    return await stock.put(shop.id, stock_count(item, command.on_hand, now))
