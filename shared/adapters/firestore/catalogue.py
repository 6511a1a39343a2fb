"""Merchants in Firestore: `merchants/{id}`, with `menu/{version}`, `stock/{item}`, `rulings/{n}` and the
marks of the reviews that were counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.adapters.firestore.change import ATTEMPTS, Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert, Kind, Removal
from shared.adapters.firestore.database import Operator, Query
from shared.adapters.firestore.pages import full_page
from shared.catalogue.domain import Merchant, Verdict
from shared.catalogue.menu import Menu
from shared.catalogue.ports import After, M, Revision, Sought
from shared.catalogue.rulings import Ruled, Ruling
from shared.catalogue.stock import Stock
from shared.kernel.errors import Contended
from shared.kernel.once import Once

MERCHANTS = Kind("merchants", Merchant)

MAX_IN = 30
"""The values that one `in` of a Firestore query takes."""

MAX_PER_CHUNK = 1_000
"""Merchants read per 30 cells (about 1,000 km²) at most; a city denser than that needs finer cells."""


@dataclass(frozen=True, slots=True)
class CountedReview:
    """`merchants/{id}/reviews/{review}`: says that this review is part of the merchant's rating."""

    id: str


class _MenuMoved(Exception):
    """Another version is in force than the one that was read."""


class FirestoreMerchants:
    """`MerchantStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, merchant_id: str) -> Merchant | None:
        """See `MerchantStore.find`."""
        return MERCHANTS.find(await self._store.database.get_all([MERCHANTS.path(merchant_id)]), merchant_id)

    async def menu(self, merchant_id: str, version: int) -> Menu | None:
        """See `MerchantStore.menu`."""
        kind = _menus(merchant_id)
        return kind.find(await self._store.database.get_all([kind.path(str(version))]), str(version))

    async def seek(self, sought: Sought) -> Sequence[Merchant]:
        """See `MerchantStore.seek`: equalities alone, hence no composite index."""
        cells = sought.cells
        chunks = [list(cells[n : n + MAX_IN]) for n in range(0, len(cells), MAX_IN)]
        found = await asyncio.gather(*(self._in_chunk(chunk, sought) for chunk in chunks))
        return [merchant for part in found for merchant in part]

    async def add(self, merchant: Merchant, once: Once | None) -> Merchant:
        """See `MerchantStore.add`."""

        def decide(_: Docs) -> Commit[Merchant]:
            return Commit([MERCHANTS.insert(merchant.id, merchant)], [], merchant)

        return await self._store.change([MERCHANTS.path(merchant.id)], decide, once)

    async def change(self, merchant_id: str, decide: Callable[[Merchant | None], Merchant]) -> Merchant:
        """See `MerchantStore.change`; what changes nothing writes nothing."""

        def decide_docs(docs: Docs) -> Commit[Merchant]:
            before = MERCHANTS.find(docs, merchant_id)
            after = decide(before)
            return Commit(_changed(before, after), [], after)

        return await self._store.change([MERCHANTS.path(merchant_id)], decide_docs)

    async def publish_menu(
        self, merchant_id: str, decide: Callable[[Merchant | None], tuple[Merchant, Menu]]
    ) -> tuple[Merchant, Menu]:
        """See `MerchantStore.publish_menu`."""

        def decide_docs(docs: Docs) -> Commit[tuple[Merchant, Menu]]:
            before = MERCHANTS.find(docs, merchant_id)
            after, menu = decide(before)
            if before is None:
                raise LookupError(f"a menu of {merchant_id}, which does not exist")
            writes = [*_changed(before, after), _menus(merchant_id).insert(str(menu.version), menu)]
            return Commit(writes, [], (after, menu))

        return await self._store.change([MERCHANTS.path(merchant_id)], decide_docs)

    async def revise(self, merchant_id: str, decide: Revision[M]) -> tuple[Merchant, M]:
        """See `MerchantStore.revise`. The merchant names the menu to read; when another is in force by
        the time of the change, it begins anew."""
        for _ in range(ATTEMPTS):
            shop = await self.find(merchant_id)
            try:
                return await self._revise(merchant_id, shop.menu_version if shop else 0, decide)
            except _MenuMoved:
                continue
        raise Contended

    async def count_review(
        self, merchant_id: str, review_id: str, decide: Callable[[Merchant], Merchant]
    ) -> Merchant | None:
        """See `MerchantStore.count_review`; the mark is created in the same commit, as the lock."""
        counted = Kind(f"merchants/{merchant_id}/reviews", CountedReview)

        def decide_docs(docs: Docs) -> Commit[Merchant | None]:
            before = MERCHANTS.find(docs, merchant_id)
            if before is None or counted.find(docs, review_id):
                return Commit((), (), before)
            after = decide(before)
            mark = counted.insert(review_id, CountedReview(review_id))
            return Commit([mark, *_changed(before, after)], (), after)

        return await self._store.change([MERCHANTS.path(merchant_id), counted.path(review_id)], decide_docs)

    async def _revise(self, merchant_id: str, version: int, decide: Revision[M]) -> tuple[Merchant, M]:
        menus = _menus(merchant_id)

        def decide_docs(docs: Docs) -> Commit[tuple[Merchant, M]]:
            before = MERCHANTS.find(docs, merchant_id)
            if (before.menu_version if before else 0) != version:
                raise _MenuMoved
            after, menu = decide(before, menus.find(docs, str(version)))
            writes = _changed(before, after)
            if menu is not None and menu.version != version:
                writes.append(menus.insert(str(menu.version), menu))
            return Commit(writes, [], (after, menu))

        return await self._store.change([MERCHANTS.path(merchant_id), menus.path(str(version))], decide_docs)

    async def _in_chunk(self, cells: list[str], sought: Sought) -> list[Merchant]:
        where: list[tuple[str, Operator, object]] = [("cell", "in", cells), ("approved", "==", True)]
        if sought.open_only:
            where.append(("open", "==", True))
        if sought.category_key:
            where.append(("category_key", "==", sought.category_key))
        if sought.term:
            where.append(("terms", "array-contains", sought.term))
        query = Query("merchants", where=tuple(where), limit=MAX_PER_CHUNK)
        return MERCHANTS.readable(await self._store.database.query(query))


class FirestoreMerchantDesk:
    """`MerchantDesk`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def rule(self, merchant_id: str, decide: Callable[[Merchant | None], Ruled]) -> Merchant:
        """See `MerchantDesk.rule`; the number of the ruling is the lock against two at once."""

        def decide_docs(docs: Docs) -> Commit[Merchant]:
            before = MERCHANTS.find(docs, merchant_id)
            after, ruling = decide(before)
            writes = _changed(before, after)
            if ruling is not None:
                writes.append(_rulings(merchant_id).insert(str(ruling.number), ruling))
            return Commit(writes, [], after)

        return await self._store.change([MERCHANTS.path(merchant_id)], decide_docs)

    async def standing(self, standing: str, limit: int, after: After | None) -> Sequence[Merchant]:
        """See `MerchantDesk.standing`, index (approved, verdict, created_at, id)."""
        verdict = None if standing == "pending" else standing
        query = Query(
            "merchants",
            where=(("approved", "==", standing == Verdict.APPROVED), ("verdict", "==", verdict)),
            order_by=("created_at", "id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._store.database, MERCHANTS, query)

    async def rulings(self, merchant_id: str, limit: int) -> Sequence[Ruling]:
        """See `MerchantDesk.rulings`."""
        kind = _rulings(merchant_id)
        query = Query(kind.collection, order_by=("-number",), limit=limit)
        return kind.readable(await self._store.database.query(query))


class FirestoreStock:
    """`StockStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def put(self, merchant_id: str, stock: Stock) -> Stock:
        """See `StockStore.put`."""
        kind = _stock(merchant_id)

        def decide(docs: Docs) -> Commit[Stock]:
            before = kind.find(docs, stock.item_id)
            write: Insert | Change = (
                kind.update(stock.item_id, before, stock) if before else kind.insert(stock.item_id, stock)
            )
            return Commit([write], [], stock)

        return await self._store.change([kind.path(stock.item_id)], decide)

    async def of(self, merchant_id: str, item_ids: Sequence[str]) -> Sequence[Stock]:
        """See `StockStore.of`."""
        kind = _stock(merchant_id)
        docs = await self._store.database.get_all([kind.path(item_id) for item_id in item_ids])
        found = (kind.find(docs, item_id) for item_id in item_ids)
        return [stock for stock in found if stock is not None]


def _changed(before: Merchant | None, after: Merchant) -> list[Insert | Change | Removal]:
    if before is None or after == before:
        return []
    return [MERCHANTS.update(after.id, before, after)]


def _menus(merchant_id: str) -> Kind[Menu]:
    return Kind(f"merchants/{merchant_id}/menu", Menu)


def _rulings(merchant_id: str) -> Kind[Ruling]:
    return Kind(f"merchants/{merchant_id}/rulings", Ruling)


def _stock(merchant_id: str) -> Kind[Stock]:
    return Kind(f"merchants/{merchant_id}/stock", Stock)
