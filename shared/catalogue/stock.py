"""The stock of a merchant's tracked items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.menu import MenuItem
from shared.kernel.errors import WrongState

MAX_ON_HAND = 1_000_000


class ItemNotStocked(WrongState):
    """The menu does not track the stock of this item."""

    code = "ITEM_NOT_STOCKED"
    detail = "The menu does not track the stock of this item. Publish the item with `stocked: true` first."


@dataclass(frozen=True, slots=True)
class Stock:
    """The number of units of one item. An order reserves units, and a cancelled order releases them."""

    item_id: str
    on_hand: int
    updated_at: datetime


def stock_count(item: MenuItem, on_hand: int, at: datetime) -> Stock:
    """Return the stock of an item after a count by the staff. Raises `ItemNotStocked`."""
    if not item.stocked:
        raise ItemNotStocked
    return Stock(item.id, on_hand, at)
