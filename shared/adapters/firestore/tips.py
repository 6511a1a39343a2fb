"""Tips in Firestore: `tips/{id}`. Their `payment` is written by payments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.orders import ORDERS
from shared.adapters.firestore.read_set import require_read
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import Order, OrderNotFound
from shared.orders.tips.domain import MAX_TIP_RECORDS, MAX_TIPS, Tip, tip_ids
from shared.orders.tips.ports import TipDecision

TIPS = Collection("tips", Tip)


class FirestoreTips:
    """See `orders.tips.ports.TipStore`. The ids of an order's tips are known, so that no query is needed."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def list_of_order(self, order_id: str) -> tuple[Order, Sequence[Tip]]:
        """See `TipStore.list_of_order`. Few orders have more than `MAX_TIPS`: the rest is read then."""
        count = MAX_TIPS
        while True:
            docs = await self._store.database.get_all(_paths(order_id, count))
            order, found = _read(docs, order_id, count)
            if len(found) < count or count >= MAX_TIP_RECORDS:
                return order, found
            count += MAX_TIPS

    async def add(
        self,
        order_id: str,
        decide: Callable[[Order, Sequence[Tip]], TipDecision],
        idempotency: IdempotentRequest | None,
    ) -> Tip:
        """See `TipStore.add`; of two concurrent tips one commit is refused and decides again."""

        def apply(docs: Docs) -> Decision[Writes, Tip]:
            order, before = _all(docs, order_id)
            decision = decide(order, before)
            *earlier, created = decision.state
            changed = [(old, new) for old, new in zip(before, earlier, strict=True) if new != old]
            writes = [TIPS.update(new.id, old, new) for old, new in changed]
            return Decision([*writes, TIPS.create(created.id, created)], decision.events, decision.result)

        return await self._store.change(_paths(order_id, MAX_TIPS), apply, idempotency)


def _all(docs: Docs, order_id: str) -> tuple[Order, list[Tip]]:
    """Return the order and all its tips; few orders have more than `MAX_TIPS`, which the first read gets."""
    for count in range(MAX_TIPS, MAX_TIP_RECORDS + MAX_TIPS, MAX_TIPS):
        require_read(docs, _paths(order_id, count))
        order, found = _read(docs, order_id, count)
        if len(found) < count:
            break
    return order, found


def _paths(order_id: str, count: int) -> list[str]:
    return [ORDERS.path(order_id), *map(TIPS.path, tip_ids(order_id, count))]


def _read(docs: Docs, order_id: str, count: int) -> tuple[Order, list[Tip]]:
    order = ORDERS.find(docs, order_id)
    if order is None:
        raise OrderNotFound
    found = (TIPS.find(docs, id_) for id_ in tip_ids(order_id, count))
    return order, [tip for tip in found if tip]
