"""Merchants in Firestore: `merchants/{id}` and `merchants/{id}/menu/{version}`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from shared.adapters.firestore.change import Commit, Docs, DocumentStore
from shared.adapters.firestore.codec import Change, Insert, Kind, Removal
from shared.adapters.firestore.database import Operator, Query
from shared.catalogue.domain import Menu, Merchant
from shared.kernel.once import Once

MERCHANTS = Kind("merchants", Merchant)

MAX_IN = 30
"""The values that one `in` of a Firestore query takes."""

MAX_PER_CHUNK = 1_000
"""Merchants read per 30 cells (about 1,000 km²) at most; a city denser than that needs finer cells."""


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

    async def in_cells(self, cells: Sequence[str], open_only: bool) -> Sequence[Merchant]:
        """See `MerchantStore.in_cells`: equalities alone, hence no composite index."""
        chunks = [list(cells[n : n + MAX_IN]) for n in range(0, len(cells), MAX_IN)]
        found = await asyncio.gather(*(self._in_chunk(chunk, open_only) for chunk in chunks))
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
            if before is None or after == before:
                return Commit([], [], after)
            return Commit([MERCHANTS.update(merchant_id, before, after)], [], after)

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
            writes: list[Insert | Change | Removal] = [
                MERCHANTS.update(merchant_id, before, after),
                _menus(merchant_id).insert(str(menu.version), menu),
            ]
            return Commit(writes, [], (after, menu))

        return await self._store.change([MERCHANTS.path(merchant_id)], decide_docs)

    async def _in_chunk(self, cells: list[str], open_only: bool) -> list[Merchant]:
        where: list[tuple[str, Operator, object]] = [("cell", "in", cells), ("approved", "==", True)]
        if open_only:
            where.append(("open", "==", True))
        query = Query("merchants", where=tuple(where), limit=MAX_PER_CHUNK)
        return [MERCHANTS.parse(shop.data) for shop in await self._store.database.query(query) if shop.data]


def _menus(merchant_id: str) -> Kind[Menu]:
    return Kind(f"merchants/{merchant_id}/menu", Menu)
