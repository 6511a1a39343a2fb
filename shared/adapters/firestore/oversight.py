"""Orders as operators read and change them, in Firestore; each look and each change with its audit entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from shared.adapters.firestore.change import Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.dispatch_orders import SEARCH
from shared.adapters.firestore.orders import CUSTOMER, ORDERS, change_order, details_of, staff_check
from shared.adapters.firestore.pages import full_page
from shared.kernel.audit import AuditEntry
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.closing import with_details
from shared.orders.domain import IsStaff, Order, OrderDecision, OrderNotFound
from shared.orders.oversight import Attention, AttentionFilter, OverseenOrder, OversightFilter, SearchRecord

AUDIT = Collection("audit", AuditEntry)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WAITING_SINCE = {Attention.OVERDUE: "delayed_since", Attention.ESCALATED: "assignment.escalated_at"}
"""The field that is set while an order needs attention, and since when it does."""


class FirestoreOversight:
    """See `orders.ports.Oversight`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def look(self, order_id: str, entry: AuditEntry) -> OverseenOrder:
        """See `Oversight.look`: one read of the order and of what its parties do not see of it."""
        details, search = details_of(order_id), _search_of(order_id)
        paths = [ORDERS.path(order_id), details.path(CUSTOMER), search.path(SEARCH)]

        def decide(docs: Docs) -> Decision[Writes, OverseenOrder]:
            found = ORDERS.find(docs, order_id)
            if found is None:
                raise OrderNotFound
            whole = with_details(found, details.find(docs, CUSTOMER))
            seen = OverseenOrder(whole, search.find(docs, SEARCH) or SearchRecord())
            return Decision([AUDIT.create(entry.id, entry)], (), seen)  # mutant: look-without-entry

        return await self._store.change(paths, decide)

    async def change(
        self,
        order_id: str,
        decide: Callable[[Order, IsStaff], OrderDecision],
        entry: AuditEntry,
        idempotency: IdempotentRequest | None = None,
    ) -> Order:
        """See `Oversight.change`."""
        written = [AUDIT.create(entry.id, entry)]  # mutant: operator-without-entry

        def decide_docs(order: Order, docs: Docs) -> OrderDecision:
            return decide(order, staff_check(docs, order))

        return await change_order(self._store, order_id, decide_docs, idempotency, written)

    async def orders(self, by: OversightFilter) -> Sequence[Order]:
        """See `Oversight.orders`; indexes (merchant or business, fulfilment, placed_at, id)."""
        query = Query(
            ORDERS.name,
            where=tuple(_conditions(by)),
            order_by=("-placed_at", "-id"),
            limit=by.limit,
            start_after=by.after,
        )
        found = await full_page(self._store.database, ORDERS, query)
        return [order for order in found if by.business in (None, order.business)]

    async def attention(self, by: AttentionFilter) -> Sequence[OverseenOrder]:
        """See `Oversight.attention`; an index (delayed_since or assignment.escalated_at, id).

        Each order found costs one more read, of its search.
        """
        field = WAITING_SINCE[by.why]
        query = Query(
            ORDERS.name,
            where=((field, ">", EPOCH),),
            order_by=(field, "id"),
            limit=by.limit,
            start_after=by.after,
        )
        found = await full_page(self._store.database, ORDERS, query)
        searches = [_search_of(order.id) for order in found]
        paths = [search.path(SEARCH) for search in searches]
        docs = await self._store.database.get_all(paths) if paths else {}
        return [
            OverseenOrder(order, search.find(docs, SEARCH) or SearchRecord())
            for order, search in zip(found, searches, strict=True)
        ]


def _search_of(order_id: str) -> Collection[SearchRecord]:
    return Collection(f"{ORDERS.path(order_id)}/private", SearchRecord)


def _conditions(by: OversightFilter) -> Iterator[tuple[str, Operator, object]]:
    """A merchant has one business: together with it, the business keeps all or none and needs no index."""
    if by.merchant_id:
        yield "merchant_id", "==", by.merchant_id
    elif by.business:
        yield "business", "==", by.business.value
    if by.states:
        yield "fulfilment", "in", list(by.states)
    if by.since:
        yield "placed_at", ">=", by.since
    if by.until:
        yield "placed_at", "<", by.until
