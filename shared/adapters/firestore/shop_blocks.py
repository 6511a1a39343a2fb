"""The blocks of merchants in Firestore: `merchants/{id}/blocks/{customer}`.

The merchant's document holds their number. An order reads a block only where that number is above zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, DocumentWrite
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.staff import MERCHANTS, access_in, access_paths
from shared.catalogue.access import MerchantAccess
from shared.catalogue.blocks import Block, BlockDecision
from shared.catalogue.ports import After
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class OrderParties:
    """The fields of an order that a block reads. Orders belong to another context."""

    customer_id: str
    merchant_id: str = ""


ORDERS = Collection("orders", OrderParties)


class FirestoreShopBlocks:
    """`BlockStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def customer_of(self, merchant_id: str, order_id: str) -> str | None:
        """See `BlockStore.customer_of`."""
        order = ORDERS.find(await self._store.database.get_all([ORDERS.path(order_id)]), order_id)
        return order.customer_id if order and order.merchant_id == merchant_id else None

    async def blocks(self, merchant_id: str, limit: int, after: After | None) -> Sequence[Block]:
        """See `BlockStore.of`. Index (at descending, uid descending)."""
        collection = shop_blocks(merchant_id)
        query = Query(collection.name, order_by=("-at", "-uid"), limit=limit, start_after=after or ())
        return collection.readable(await self._store.database.query(query))

    async def change(
        self,
        merchant_id: str,
        uid: str,
        customer_id: str,
        decide: Callable[[MerchantAccess, Block | None], BlockDecision],
    ) -> Block | None:
        """See `BlockStore.change`."""
        collection = shop_blocks(merchant_id)

        def decide_docs(docs: Docs) -> Decision[Writes, Block | None]:
            access, existing = access_in(docs, merchant_id, uid), collection.find(docs, customer_id)
            decision = decide(access, existing)
            merchant, block = decision.state.merchant, decision.state.block
            writes: list[DocumentWrite] = []
            if access.merchant is not None and merchant != access.merchant:
                writes.append(MERCHANTS.update(merchant_id, access.merchant, merchant))
            if existing is None and block is not None:
                writes.append(collection.create(customer_id, block))
            if existing is not None and block is None:
                writes.append(collection.delete(customer_id))
            return Decision(writes, decision.events, decision.result)

        paths = [*access_paths(merchant_id, uid), collection.path(customer_id)]
        return await self._store.change(paths, decide_docs)


def shop_blocks(merchant_id: str) -> Collection[Block]:
    """Return the collection of a merchant's blocks."""
    return Collection(f"merchants/{merchant_id}/blocks", Block)
