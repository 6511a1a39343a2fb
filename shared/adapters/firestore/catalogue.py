"""Merchants in Firestore: `merchants/{id}` with the subcollections `menu/{version}`, `stock/{item}`,
`application_reviews/{number}`, and `reviews/{review}` for the reviews that the rating includes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.adapters.firestore.change import ATTEMPTS, Docs, DocumentStore, Writes
from shared.adapters.firestore.codec import Collection, Create, DocumentWrite, Update
from shared.adapters.firestore.database import Query
from shared.adapters.firestore.memberships import staff_of
from shared.adapters.firestore.menus import deletions, menus_of, old_menus
from shared.adapters.firestore.nearby import merchants_within
from shared.adapters.firestore.pages import full_page
from shared.adapters.firestore.staff import MERCHANTS, access_in, access_paths
from shared.catalogue.access import MerchantAccess
from shared.catalogue.applications import ApplicationReview, ReviewDecision
from shared.catalogue.domain import Merchant, ReviewOutcome
from shared.catalogue.membership import Membership
from shared.catalogue.menu import Menu
from shared.catalogue.menu_versions import pruned
from shared.catalogue.owners import ShopOwner, with_shop
from shared.catalogue.ports import After, M, MerchantFilter, Revision, Spots
from shared.catalogue.stock import Stock
from shared.kernel.decision import Decision
from shared.kernel.errors import Contended
from shared.kernel.geo import Point, regions_near
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.spots import area


@dataclass(frozen=True, slots=True)
class CountedReview:
    """`merchants/{id}/reviews/{review}`: the merchant's rating includes this review."""

    id: str


OWNERS = Collection("shop_owners", ShopOwner)


class _MenuVersionChanged(Exception):
    """The current menu version is not the one that was read."""


class FirestoreMerchants:
    """`MerchantStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def find(self, merchant_id: str) -> Merchant | None:
        """See `MerchantStore.find`."""
        return MERCHANTS.find(await self._store.database.get_all([MERCHANTS.path(merchant_id)]), merchant_id)

    async def access(self, merchant_id: str, uid: str) -> MerchantAccess:
        """See `MerchantStore.access`."""
        docs = await self._store.database.get_all(access_paths(merchant_id, uid))
        return access_in(docs, merchant_id, uid)

    async def menu(self, merchant_id: str, version: int) -> Menu | None:
        """See `MerchantStore.menu`."""
        collection = menus_of(merchant_id)
        return collection.find(
            await self._store.database.get_all([collection.path(str(version))]), str(version)
        )

    async def search(self, by: MerchantFilter, within: Spots, limit: int) -> Sequence[Merchant]:
        """See `MerchantStore.search`."""
        return MERCHANTS.readable(await self._store.database.query(merchants_within(by, within, limit)))

    async def count(self, by: MerchantFilter, within: Spots, limit: int) -> int:
        """See `MerchantStore.count`."""
        return await self._store.database.count(merchants_within(by, within, limit))

    async def any_near(self, point: Point) -> bool:
        """See `MerchantStore.any_near`: one document of each region at most."""
        areas = (area(region, point) for region in regions_near(point))
        return any(await asyncio.gather(*(self._any_between(*one.spots) for one in areas)))

    async def _any_between(self, first: str, last: str) -> bool:
        query = Query(MERCHANTS.name, where=(("cell", ">=", first), ("cell", "<=", last)), limit=1)
        return bool(await self._store.database.query(query))

    async def add(
        self, merchant: Merchant, owner: Membership, idempotency: IdempotentRequest | None
    ) -> Merchant:
        """See `MerchantStore.add`."""

        def decide(docs: Docs) -> Decision[Writes, Merchant]:
            before = OWNERS.find(docs, owner.uid)
            after = with_shop(before, owner.uid, merchant.id)
            owned = OWNERS.update(owner.uid, before, after) if before else OWNERS.create(owner.uid, after)
            member = staff_of(merchant.id).create(owner.uid, owner)
            return Decision([MERCHANTS.create(merchant.id, merchant), member, owned], [], merchant)

        paths = [MERCHANTS.path(merchant.id), OWNERS.path(owner.uid)]
        return await self._store.change(paths, decide, idempotency)

    async def change(self, merchant_id: str, decide: Callable[[Merchant | None], Merchant]) -> Merchant:
        """See `MerchantStore.change`. An unchanged merchant is not written."""

        def decide_docs(docs: Docs) -> Decision[Writes, Merchant]:
            before = MERCHANTS.find(docs, merchant_id)
            after = decide(before)
            return Decision(_changed(before, after), [], after)

        return await self._store.change([MERCHANTS.path(merchant_id)], decide_docs)

    async def change_as(
        self, merchant_id: str, uid: str, decide: Callable[[MerchantAccess], Merchant]
    ) -> Merchant:
        """See `MerchantStore.change_as`."""

        def decide_docs(docs: Docs) -> Decision[Writes, Merchant]:
            access = access_in(docs, merchant_id, uid)
            after = decide(access)
            return Decision(_changed(access.merchant, after), [], after)

        return await self._store.change(access_paths(merchant_id, uid), decide_docs)

    async def publish_menu(
        self, merchant_id: str, uid: str, decide: Callable[[MerchantAccess], tuple[Merchant, Menu]]
    ) -> tuple[Merchant, Menu]:
        """See `MerchantStore.publish_menu`."""
        versions, pins = await old_menus(self._store, await self.find(merchant_id))

        def decide_docs(docs: Docs) -> Decision[Writes, tuple[Merchant, Menu]]:
            access = access_in(docs, merchant_id, uid)
            revised, menu = decide(access)
            if access.merchant is None:
                raise LookupError(f"a menu of {merchant_id}, which does not exist")
            after, gone = pruned(access.merchant, revised, versions, pins)
            created = menus_of(merchant_id).create(str(menu.version), menu)
            # mutant: old-menus-cleared
            writes = [*_changed(access.merchant, after), created, *deletions(merchant_id, gone)]
            return Decision(writes, [], (after, menu))

        return await self._store.change(access_paths(merchant_id, uid), decide_docs)

    async def revise(self, merchant_id: str, uid: str, decide: Revision[M]) -> tuple[Merchant, M]:
        """See `MerchantStore.revise`. A first read of the merchant gives the menu version to read.

        When the merchant has another version in the read of the change, the method starts again.
        """
        for _ in range(ATTEMPTS):
            shop = await self.find(merchant_id)
            try:
                return await self._revise(merchant_id, uid, shop, decide)
            except _MenuVersionChanged:
                continue
        raise Contended

    async def count_review(
        self, merchant_id: str, review_id: str, decide: Callable[[Merchant], Merchant]
    ) -> Merchant | None:
        """See `MerchantStore.count_review`. The commit creates a document per review, which is the lock."""
        counted = Collection(f"merchants/{merchant_id}/reviews", CountedReview)

        def decide_docs(docs: Docs) -> Decision[Writes, Merchant | None]:
            before = MERCHANTS.find(docs, merchant_id)
            if before is None or counted.find(docs, review_id):
                return Decision((), (), before)
            after = decide(before)
            created = counted.create(review_id, CountedReview(review_id))  # mutant: rating-counted-again
            return Decision([created, *_changed(before, after)], (), after)

        return await self._store.change([MERCHANTS.path(merchant_id), counted.path(review_id)], decide_docs)

    async def _revise(
        self, merchant_id: str, uid: str, shop: Merchant | None, decide: Revision[M]
    ) -> tuple[Merchant, M]:
        menus, version = menus_of(merchant_id), shop.menu_version if shop else 0
        versions, pins = await old_menus(self._store, shop)

        def decide_docs(docs: Docs) -> Decision[Writes, tuple[Merchant, M]]:
            access = access_in(docs, merchant_id, uid)
            before: Merchant | None = access.merchant
            if (before.menu_version if before else 0) != version:
                raise _MenuVersionChanged
            revised, menu = decide(access, menus.find(docs, str(version)))
            if menu is None or menu.version == version:
                return Decision(_changed(before, revised), [], (revised, menu))
            if before is None:
                raise LookupError(f"a menu of {merchant_id}, which does not exist")
            after: Merchant
            after, gone = pruned(before, revised, versions, pins)
            created = menus.create(str(menu.version), menu)
            writes: list[DocumentWrite] = [*_changed(before, after), created]
            writes += deletions(merchant_id, gone)
            return Decision(writes, [], (after, menu))

        paths = [*access_paths(merchant_id, uid), menus.path(str(version))]
        return await self._store.change(paths, decide_docs)


class FirestoreApplications:
    """`ApplicationStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def review(
        self,
        merchant_id: str,
        admin_id: str,
        decide: Callable[[MerchantAccess], ReviewDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Merchant:
        """See `ApplicationStore.review`. The review's number in its path is the lock against a second one."""

        def decide_docs(docs: Docs) -> Decision[Writes, Merchant]:
            access = access_in(docs, merchant_id, admin_id)
            before, decision = access.merchant, decide(access)
            after, review = decision.state.merchant, decision.state.review
            writes = _changed(before, after)
            if review is not None:
                writes.append(_application_reviews(merchant_id).create(str(review.number), review))
            return Decision(writes, decision.events, decision.result)

        return await self._store.change(access_paths(merchant_id, admin_id), decide_docs, idempotency)

    async def with_status(self, status: str, limit: int, after: After | None) -> Sequence[Merchant]:
        """See `ApplicationStore.with_status`. Index (approved, application_outcome, created_at, id)."""
        outcome = None if status == "pending" else status
        query = Query(
            "merchants",
            where=(
                ("approved", "==", status == ReviewOutcome.APPROVED),
                ("application_outcome", "==", outcome),
            ),
            order_by=("created_at", "id"),
            limit=limit,
            start_after=after or (),
        )
        return await full_page(self._store.database, MERCHANTS, query)

    async def reviews(self, merchant_id: str, limit: int) -> Sequence[ApplicationReview]:
        """See `ApplicationStore.reviews`."""
        collection = _application_reviews(merchant_id)
        query = Query(collection.name, order_by=("-number",), limit=limit)
        return collection.readable(await self._store.database.query(query))


class FirestoreStock:
    """`StockStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def put(self, merchant_id: str, stock: Stock) -> Stock:
        """See `StockStore.put`."""
        collection = _stock(merchant_id)

        def decide(docs: Docs) -> Decision[Writes, Stock]:
            before = collection.find(docs, stock.item_id)
            write: Create | Update = (
                collection.update(stock.item_id, before, stock)
                if before
                else collection.create(stock.item_id, stock)
            )
            return Decision([write], [], stock)

        return await self._store.change([collection.path(stock.item_id)], decide)

    async def stock(self, merchant_id: str, item_ids: Sequence[str]) -> Sequence[Stock]:
        """See `StockStore.of`."""
        collection = _stock(merchant_id)
        docs = await self._store.database.get_all([collection.path(item_id) for item_id in item_ids])
        found = (collection.find(docs, item_id) for item_id in item_ids)
        return [stock for stock in found if stock is not None]


def _changed(before: Merchant | None, after: Merchant) -> list[DocumentWrite]:
    if before is None or after == before:
        return []
    return [MERCHANTS.update(after.id, before, after)]


def _application_reviews(merchant_id: str) -> Collection[ApplicationReview]:
    return Collection(f"merchants/{merchant_id}/application_reviews", ApplicationReview)


def _stock(merchant_id: str) -> Collection[Stock]:
    return Collection(f"merchants/{merchant_id}/stock", Stock)
