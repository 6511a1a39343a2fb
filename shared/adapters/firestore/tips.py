"""Tips in Firestore: `tips/{id}`. Their `payment` is written by payments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Kind
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.once import Once
from shared.orders.domain import Order, OrderNotFound
from shared.orders.tips import Tip, tip_ids

TIPS = Kind("tips", Tip)


class FirestoreTips:
    """See `orders.ports.TipStore`. The ids of an order's tips are known, so that no query is needed."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def of(self, order_id: str) -> tuple[Order, Sequence[Tip]]:
        """See `TipStore.of`."""
        return _read(await self._store.database.get_all(_paths(order_id)), order_id)

    async def add(
        self, order_id: str, decide: Callable[[Order, Sequence[Tip]], Tip], once: Once | None
    ) -> Tip:
        """See `TipStore.add`; of two that are the n-th at once, one is refused and decides again."""

        def apply(docs: Docs) -> Commit[Tip]:
            made = decide(*_read(docs, order_id))
            return Commit([TIPS.insert(made.id, made)], [], made)

        return await self._store.change(_paths(order_id), apply, once)


def _paths(order_id: str) -> list[str]:
    return [ORDERS.path(order_id), *map(TIPS.path, tip_ids(order_id))]


def _read(docs: Docs, order_id: str) -> tuple[Order, list[Tip]]:
    order = ORDERS.find(docs, order_id)
    if order is None:
        raise OrderNotFound
    found = (TIPS.find(docs, id_) for id_ in tip_ids(order_id))
    return order, [tip for tip in found if tip]
