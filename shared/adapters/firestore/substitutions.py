"""Substitutions in Firestore: a part of `orders/{id}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.adapters.firestore.change import Docs, DocumentStore
from shared.adapters.firestore.orders import change_order, staff_check
from shared.adapters.firestore.reservations import read_stock
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, Order, OrderDecision
from shared.orders.substitution_state import is_open


class FirestoreSubstitutions:
    """See `orders.substitutions.ports.SubstitutionStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def answer(
        self,
        order_id: str,
        decide: Callable[[Order, Mapping[str, int], IsStaff], OrderDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Order:
        """See `SubstitutionStore.answer`."""

        def decide_with_stock(order: Order, docs: Docs) -> OrderDecision:
            replacements = [one.replacement for one in order.substitutions if is_open(one)]
            items = [line.item_id for line in replacements if line.stocked]
            return decide(order, read_stock(docs, order.merchant_id, items), staff_check(docs, order))

        return await change_order(self._store, order_id, decide_with_stock, idempotency)
