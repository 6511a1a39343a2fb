"""How much of an item is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.menu import MenuItem
from shared.kernel.errors import WrongState

MAX_ON_HAND = 1_000_000


class ItemNotStocked(WrongState):
    """The menu does not count this item: publish it as `stocked` first."""

    code = "ITEM_NOT_STOCKED"
    detail = "The menu does not count this item: publish it as `stocked` first."


@dataclass(frozen=True, slots=True)
class Stock:
    """So many of one item are there; placing an order takes them, cancelling it gives them back."""

    item_id: str
    on_hand: int
    updated_at: datetime


def counted(item: MenuItem, on_hand: int, at: datetime) -> Stock:
    """Return the stock of an item as somebody has counted it. Raises `ItemNotStocked`."""
    if not item.stocked:
        raise ItemNotStocked
    return Stock(item.id, on_hand, at)
