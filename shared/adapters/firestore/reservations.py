"""Stock and capacity that orders reserve and release, as writes of the same commit.

Only the decision shows which documents these are; most orders need none. The store reads them when the
decision looks them up (see `read_set`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from shared.adapters.firestore.change import Docs
from shared.adapters.firestore.codec import Create, Update
from shared.adapters.firestore.read_set import require_read
from shared.adapters.firestore.shop_blocks import shop_blocks
from shared.adapters.firestore.shops import Load, load_of, stock_of
from shared.catalogue.domain import Merchant
from shared.orders.domain import Order
from shared.orders.reservations import Capacity

R = TypeVar("R")
LOAD = "load"


def stock_left(docs: Docs, merchant_id: str, items: Sequence[str]) -> Mapping[str, int]:
    """Return the stock of the counted items, as it was read."""
    collection = stock_of(merchant_id)
    found = (collection.find(docs, item) for item in items)
    return {stock.item_id: stock.on_hand for stock in found if stock}


def read_stock(docs: Docs, merchant_id: str, items: Sequence[str]) -> Mapping[str, int]:
    """Return the stock of these items; what was not read is read first."""
    require_read(docs, [stock_of(merchant_id).path(item) for item in items])
    return stock_left(docs, merchant_id, items)


def capacity_of(docs: Docs, merchant: Merchant | None) -> Capacity:
    """Return the merchant's load and limit; the load is read only where the merchant has set a limit."""
    if merchant is None or merchant.max_open_orders is None:
        return Capacity()
    collection = load_of(merchant.id)
    load = collection.find(docs, LOAD) or Load()
    return Capacity(load.active, merchant.max_open_orders)


def is_blocked(docs: Docs, merchant: Merchant | None, customer_id: str) -> bool:
    """Say whether the merchant has blocked the customer; read only where the merchant blocks anyone."""
    if merchant is None or merchant.blocked == 0:
        return False
    collection = shop_blocks(merchant.id)
    return collection.find(docs, customer_id) is not None


def reserve_writes(docs: Docs, order: Order) -> list[Create | Update]:
    """Return the writes that take what a new order reserves."""
    writes = _stock_writes(docs, order.merchant_id, {part.item_id: -part.quantity for part in order.reserved})
    return writes + (_load_writes(docs, order.merchant_id, 1) if order.holds_slot else [])


def release_writes(docs: Docs, before: Order, after: Order) -> list[Create | Update]:
    """Return the writes by which stock and load follow a changed order.

    They return what the order no longer reserves, except what it has written off, and take what it
    reserves instead. A scheduled order that is activated takes its capacity slot.
    """
    back = _reserved_or_written_off(before)
    back.subtract(_reserved_or_written_off(after))
    # mutant: replaced-reserved
    writes = _stock_writes(docs, before.merchant_id, {item: count for item, count in back.items() if count})
    leaves = before.holds_slot and not after.holds_slot  # mutant: slot-at-each-step
    enters = after.holds_slot and not before.holds_slot
    return writes + (_load_writes(docs, before.merchant_id, enters - leaves) if leaves or enters else [])


def _reserved_or_written_off(order: Order) -> Counter[str]:
    """Return the stock that an order has taken, permanently or for now."""
    counts: Counter[str] = Counter()
    for part in (*order.reserved, *order.written_off):
        counts[part.item_id] += part.quantity  # mutant: back-twice
    return counts


def _stock_writes(docs: Docs, merchant_id: str, by: Mapping[str, int]) -> list[Create | Update]:
    """Return the writes that change the stock; an item that is no longer counted has none."""
    collection = stock_of(merchant_id)
    require_read(docs, [collection.path(item) for item in by])
    writes: list[Create | Update] = []
    for item, quantity in by.items():
        if stock := collection.find(docs, item):
            writes.append(collection.update(item, stock, replace(stock, on_hand=stock.on_hand + quantity)))
    return writes


def _load_writes(docs: Docs, merchant_id: str, by: int) -> list[Create | Update]:
    collection = load_of(merchant_id)
    load = collection.find(docs, LOAD)
    if load is None:
        return [collection.create(LOAD, Load(max(0, by)))]
    return [collection.update(LOAD, load, Load(max(0, load.active + by)))]
