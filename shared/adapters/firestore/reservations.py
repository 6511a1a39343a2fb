"""What orders take off the shelf and of the kitchen's room, as writes of the same commit.

Which documents these are is known only once the decision is there. So a decision that needs one that was
not read is made again over a read that has it; most orders need none, and cost nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert
from shared.adapters.firestore.shop_blocks import shop_blocks
from shared.adapters.firestore.shops import Load, kitchen, shelf
from shared.catalogue.domain import Merchant
from shared.kernel.once import Once
from shared.orders.domain import Order
from shared.orders.reservations import Kitchen

R = TypeVar("R")
LOAD = "load"


class _Unread(Exception):
    """The decision needs these documents too."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__("documents that were not read")
        self.paths = paths


async def widening(
    store: DocumentStore, paths: Sequence[str], decide: Callable[[Docs], Commit[R]], once: Once | None
) -> R:
    """Change documents as `DocumentStore.change` does, and read more where the decision needs more."""
    wanted = list(paths)
    while True:
        try:
            return await store.change(wanted, decide, once)
        except _Unread as unread:  # each time others: it ends when all are read
            wanted += unread.paths


def left(docs: Docs, merchant_id: str, items: Sequence[str]) -> Mapping[str, int]:
    """Return how much is left of the counted items, as it was read."""
    kind = shelf(merchant_id)
    found = (kind.find(docs, item) for item in items)
    return {stock.item_id: stock.on_hand for stock in found if stock}


def counted(docs: Docs, merchant_id: str, items: Sequence[str]) -> Mapping[str, int]:
    """Return how much is left of these items; what was not read is read first."""
    require(docs, [shelf(merchant_id).path(item) for item in items])
    return left(docs, merchant_id, items)


def room(docs: Docs, merchant: Merchant | None) -> Kitchen:
    """Return how full the kitchen is; that is read only where the merchant has set a limit."""
    if merchant is None or merchant.max_open_orders is None:
        return Kitchen()
    kind = kitchen(merchant.id)
    require(docs, [kind.path(LOAD)])
    load = kind.find(docs, LOAD) or Load()
    return Kitchen(load.active, merchant.max_open_orders)


def barred(docs: Docs, merchant: Merchant | None, customer_id: str) -> bool:
    """Say whether the merchant has blocked the customer; that is read only where it has blocked any."""
    if merchant is None or merchant.blocked == 0:
        return False
    kind = shop_blocks(merchant.id)
    require(docs, [kind.path(customer_id)])
    return kind.find(docs, customer_id) is not None


def taken(docs: Docs, order: Order) -> list[Insert | Change]:
    """Return the writes that take what a new order reserves."""
    writes = _moved(docs, order.merchant_id, {held.item_id: -held.quantity for held in order.reserved})
    return writes + (_occupied(docs, order.merchant_id, 1) if order.holds_slot else [])


def given_back(docs: Docs, before: Order, after: Order) -> list[Insert | Change]:
    """Return the writes that give back what an order reserves no more (but for what it has written off) and
    take what it reserves instead; an order for later whose turn has come takes its place in the kitchen by
    them."""
    back = _taken_off(before)
    back.subtract(_taken_off(after))
    writes = _moved(docs, before.merchant_id, {item: count for item, count in back.items() if count})
    leaves = before.holds_slot and not after.holds_slot
    enters = after.holds_slot and not before.holds_slot
    return writes + (_occupied(docs, before.merchant_id, enters - leaves) if leaves or enters else [])


def _taken_off(order: Order) -> Counter[str]:
    """Return what an order has taken off the shelf, for good or for the time being."""
    counts: Counter[str] = Counter()
    for part in (*order.reserved, *order.written_off):
        counts[part.item_id] += part.quantity
    return counts


def _moved(docs: Docs, merchant_id: str, by: Mapping[str, int]) -> list[Insert | Change]:
    """Change how much is left; an item that nobody counts any more is left alone."""
    kind = shelf(merchant_id)
    require(docs, [kind.path(item) for item in by])
    writes: list[Insert | Change] = []
    for item, quantity in by.items():
        if stock := kind.find(docs, item):
            writes.append(kind.update(item, stock, replace(stock, on_hand=stock.on_hand + quantity)))
    return writes


def _occupied(docs: Docs, merchant_id: str, by: int) -> list[Insert | Change]:
    kind = kitchen(merchant_id)
    require(docs, [kind.path(LOAD)])
    load = kind.find(docs, LOAD)
    if load is None:
        return [kind.insert(LOAD, Load(max(0, by)))]
    return [kind.update(LOAD, load, Load(max(0, load.active + by)))]


def require(docs: Docs, paths: Sequence[str]) -> None:
    """Have documents read that were not: `widening` then decides again."""
    missing = [path for path in paths if path not in docs]
    if missing:
        raise _Unread(missing)
