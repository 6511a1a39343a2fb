"""The staff has counted how much of an item is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.domain import run_by
from shared.catalogue.menu import item_of
from shared.catalogue.ports import MerchantStore, StockStore
from shared.catalogue.stock import Stock, counted


@dataclass(frozen=True, slots=True)
class SetStock:
    """Who counted, and how many of which item there are."""

    uid: str
    merchant_id: str
    item_id: str
    on_hand: int


async def set_stock(
    command: SetStock, *, merchants: MerchantStore, stock: StockStore, now: datetime
) -> Stock:
    """Store the count, whatever was there, and return it; orders that come at the same time take from
    the old count or from the new one.

    Raises `MerchantNotFound` for strangers, `ItemNotFound`, `ItemNotStocked`.
    """
    shop = run_by(await merchants.find(command.merchant_id), command.uid)
    item = item_of(await merchants.menu(shop.id, shop.menu_version), command.item_id)
    return await stock.put(shop.id, counted(item, command.on_hand, now))
