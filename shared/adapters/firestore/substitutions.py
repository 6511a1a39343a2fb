"""Substitutions in Firestore: a part of `orders/{id}`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shared.adapters.firestore.change import Docs, DocumentStore
from shared.adapters.firestore.orders import change_order, staff_check
from shared.adapters.firestore.reservations import read_stock
from shared.adapters.firestore.shops import MERCHANTS, menus_of
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, Order, OrderDecision
from shared.orders.pricing import recounted
from shared.orders.reservations import stocked
from shared.orders.substitution_state import is_open
from shared.orders.substitutions.domain import Availability


class FirestoreSubstitutions:
    """See `orders.substitutions.ports.SubstitutionStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def answer(
        self,
        order_id: str,
        decide: Callable[[Order, Callable[[], Availability], IsStaff], OrderDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Order:
        """See `SubstitutionStore.answer`."""

        def decide_docs(order: Order, docs: Docs) -> OrderDecision:
            return decide(order, partial(_availability, order, docs), staff_check(docs, order))

        return await change_order(self._store, order_id, decide_docs, idempotency)


def _availability(order: Order, docs: Docs) -> Availability:
    """Return what the order's merchant has; what was not read is read first, the menu after its merchant."""
    replacements = [one.replacement for one in order.substitutions if is_open(one)]
    merchant = MERCHANTS.find(docs, order.merchant_id)
    version = str(merchant.menu_version) if merchant else ""
    menu = menus_of(order.merchant_id).find(docs, version) if merchant else None
    offered = menu.items if menu else ()
    counted = list(stocked(recounted(replacements, offered)))
    return Availability(offered, read_stock(docs, order.merchant_id, counted))
