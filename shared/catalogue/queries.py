"""Reads of merchants, menus, stock, blocks and zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import cast

from shared.catalogue.access import for_staff
from shared.catalogue.applications import ApplicationReview
from shared.catalogue.blocks import Block
from shared.catalogue.domain import Merchant, MerchantNotFound
from shared.catalogue.membership import Membership
from shared.catalogue.menu import Menu, MenuNotFound, MenuVersionNotFound
from shared.catalogue.nearby import Around, Key, nearest
from shared.catalogue.opening import takes_orders
from shared.catalogue.ports import (
    After,
    ApplicationStore,
    BlockStore,
    MerchantFilter,
    MerchantStore,
    StaffStore,
    StockStore,
    ZoneReader,
)
from shared.catalogue.search import category_key, search_terms
from shared.catalogue.stock import Stock
from shared.catalogue.zones import Zone
from shared.kernel.errors import Invalid
from shared.kernel.geo import Point, distance_m

MAX_REVIEWS = 100
MAX_RANKED = 200
"""How many merchants are ordered by rating: the nearest."""
MAX_LOOKS = 4
"""How often a list by rating goes on where few merchants match: a look reads 500 merchants, or 1,000."""


class NothingToSearch(Invalid):
    """The search text or category has no word."""

    code = "NOTHING_TO_SEARCH"
    detail = "The search text or the category has no word. Send letters or digits."


class SortBy(StrEnum):
    """The order of a list of merchants."""

    DISTANCE = "distance"
    RATING = "rating"


SortKey = tuple[int | str, ...]
"""The position of a merchant in a sorted list."""


@dataclass(frozen=True, slots=True)
class Browse:
    """A search for merchants near a point. `after` is the sort key of the last merchant of the page before.

    `open_only` keeps merchants that accept orders now. `text`, `category` and `min_rating` (stars) filter
    further; a merchant without a rating has 0 stars here.
    """

    near: Point
    radius_m: int
    open_only: bool = False
    limit: int = 20
    after: SortKey | None = None
    category: str = ""
    text: str = ""
    min_rating: float | None = None
    sort: SortBy = SortBy.DISTANCE


@dataclass(frozen=True, slots=True)
class Nearby:
    """A merchant and its great-circle distance in whole metres."""

    merchant: Merchant
    distance_m: int

    def rank(self) -> SortKey:
        """Return its sort key by rating; the distance and the id break ties."""
        return -round((self.merchant.rating or 0) * 100), self.distance_m, self.merchant.id


@dataclass(frozen=True, slots=True)
class NearbyPage:
    """A page of merchants in the requested order. `after` is None on the last page."""

    merchants: Sequence[Nearby]
    after: SortKey | None


@dataclass(frozen=True, slots=True)
class CurrentMenu:
    """A merchant, its current menu, and the ids of the items that are out of stock."""

    merchant: Merchant
    menu: Menu
    sold_out: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Application:
    """A merchant, its staff, and the reviews of its application, newest first."""

    merchant: Merchant
    staff: Sequence[Membership]
    reviews: Sequence[ApplicationReview]


@dataclass(frozen=True, slots=True)
class MerchantsPage:
    """A page of merchants. `after` is None on the last page."""

    merchants: Sequence[Merchant]
    after: After | None


@dataclass(frozen=True, slots=True)
class BlocksPage:
    """A page of blocks. `after` is None on the last page."""

    blocks: Sequence[Block]
    after: After | None


@dataclass(frozen=True, slots=True)
class ZonesPage:
    """A page of zones. `after` is None on the last page."""

    zones: Sequence[Zone]
    after: After | None


async def browse(request: Browse, *, merchants: MerchantStore, now: datetime) -> NearbyPage:
    """Return the approved merchants within the radius that match. Raises `NothingToSearch`.

    The index filters by cells, open switch, category and the rarest word. What was read is then filtered by
    hours, rating, the other words and the exact distance. By rating, the nearest `MAX_RANKED` are ordered.
    """
    words, category = search_terms(request.text), category_key(request.category)
    if (request.text and not words) or (request.category and not category):
        raise NothingToSearch
    by = MerchantFilter(request.open_only, category, words[0] if words else "")
    ask = Around(request.near, request.radius_m, by, lambda one: _matches(one, request, words, now))
    if request.sort is SortBy.RATING:
        return await _best(request, ask, merchants)
    after = cast(Key | None, request.after)
    found = await nearest(ask, request.limit, after, merchants=merchants)
    page = (_measured(one, request.near) for one in found.merchants)
    return NearbyPage(sorted(page, key=lambda one: (one.distance_m, one.merchant.id)), found.after)


async def _best(request: Browse, ask: Around, merchants: MerchantStore) -> NearbyPage:
    """Return a page of the nearest merchants by rating."""
    found: list[Merchant] = []
    after: Key | None = None
    for _ in range(MAX_LOOKS):
        part = await nearest(ask, MAX_RANKED - len(found), after, merchants=merchants)
        found += part.merchants
        after = part.after
        if after is None or len(found) == MAX_RANKED:
            break
    ranked = sorted((_measured(one, request.near) for one in found), key=Nearby.rank)
    rest = [one for one in ranked if request.after is None or one.rank() > request.after]
    page = rest[: request.limit]
    return NearbyPage(page, page[-1].rank() if len(rest) > request.limit else None)


def _measured(merchant: Merchant, near: Point) -> Nearby:
    return Nearby(merchant, round(distance_m(near, merchant.location)))


def _matches(merchant: Merchant, request: Browse, words: Sequence[str], now: datetime) -> bool:
    if _measured(merchant, request.near).distance_m > request.radius_m:
        return False
    if request.min_rating is not None and (merchant.rating or 0) < request.min_rating:
        return False
    if not set(words) <= set(merchant.terms):
        return False
    return not request.open_only or takes_orders(merchant, now)


async def read_merchant(merchant_id: str, uid: str, *, merchants: MerchantStore) -> Merchant:
    """Return a merchant that the person may see. Raises `MerchantNotFound`."""
    return await _visible(merchant_id, uid, merchants)


async def read_staff(
    merchant_id: str, uid: str, *, merchants: MerchantStore, staff: StaffStore
) -> tuple[Merchant, Sequence[Membership]]:
    """Return a merchant and its staff to the staff. Raises `MerchantNotFound`."""
    merchant = for_staff(await merchants.access(merchant_id, uid))
    return merchant, await staff.members(merchant_id)


async def read_menu(
    merchant_id: str, uid: str, *, merchants: MerchantStore, stock: StockStore
) -> CurrentMenu:
    """Return a merchant and its current menu. Raises `MerchantNotFound` or `MenuNotFound`.

    Reads the merchant, its menu, and one document per tracked item.
    """
    shop = await _visible(merchant_id, uid, merchants)
    found = await merchants.menu(merchant_id, shop.menu_version) if shop.menu_version else None
    if found is None:
        raise MenuNotFound
    left = {one.item_id for one in await _stock(merchant_id, found, stock) if one.on_hand > 0}
    return CurrentMenu(
        shop, found, frozenset(item.id for item in found.items if item.stocked and item.id not in left)
    )


async def read_menu_version(
    merchant_id: str, version: int, uid: str, *, merchants: MerchantStore
) -> tuple[Merchant, Menu]:
    """Return a version of the menu to the staff. Raises `MerchantNotFound` or `MenuVersionNotFound`."""
    shop = for_staff(await merchants.access(merchant_id, uid))
    found = await merchants.menu(merchant_id, version)
    if found is None:
        raise MenuVersionNotFound
    return shop, found


async def read_stock(
    merchant_id: str, uid: str, *, merchants: MerchantStore, stock: StockStore
) -> Sequence[Stock]:
    """Return the stock of the tracked items to the staff. Raises `MerchantNotFound`."""
    shop = for_staff(await merchants.access(merchant_id, uid))
    menu = await merchants.menu(merchant_id, shop.menu_version) if shop.menu_version else None
    return await _stock(merchant_id, menu, stock)


async def blocks_of(
    merchant_id: str,
    uid: str,
    limit: int,
    after: After | None,
    *,
    merchants: MerchantStore,
    blocks: BlockStore,
) -> BlocksPage:
    """Return the blocked customers to the staff, newest first. Raises `MerchantNotFound`."""
    shop = for_staff(await merchants.access(merchant_id, uid))
    found = await blocks.blocks(shop.id, limit + 1, after)
    page = found[:limit]
    return BlocksPage(page, (page[-1].at, page[-1].uid) if len(found) > limit else None)


async def merchants_with_status(
    status: str, limit: int, after: After | None, *, applications: ApplicationStore
) -> MerchantsPage:
    """Return the merchants with an application status, oldest first. It reads one more to detect the end."""
    found = await applications.with_status(status, limit + 1, after)
    page = found[:limit]
    return MerchantsPage(page, (page[-1].created_at, page[-1].id) if len(found) > limit else None)


async def read_application(
    merchant_id: str, *, merchants: MerchantStore, applications: ApplicationStore, staff: StaffStore
) -> Application:
    """Return a merchant, its staff and the reviews of its application. Raises `MerchantNotFound`."""
    merchant = await merchants.find(merchant_id)
    if merchant is None:
        raise MerchantNotFound
    members = await staff.members(merchant_id)
    return Application(merchant, members, await applications.reviews(merchant_id, MAX_REVIEWS))


async def active_zones(limit: int, after: After | None, *, zones: ZoneReader) -> ZonesPage:
    """Return the active zones, newest first."""
    found = await zones.active(limit + 1, after)
    page = found[:limit]
    return ZonesPage(page, (page[-1].created_at, page[-1].id) if len(found) > limit else None)


async def serving(point: Point, *, zones: ZoneReader) -> tuple[bool, Sequence[Zone]]:
    """Return whether orders are delivered at a point, and the zones that cover it.

    Before the first zone is created, orders are delivered everywhere.
    """
    found = await zones.serving(point)
    return bool(found) or not await zones.any_created(), found


async def _visible(merchant_id: str, uid: str, merchants: MerchantStore) -> Merchant:
    """Return an approved merchant to everyone, and another one to its staff.

    The membership is read only where the merchant is not approved. Raises `MerchantNotFound`.
    """
    merchant = await merchants.find(merchant_id)
    if merchant is not None and merchant.approved:
        return merchant
    return for_staff(await merchants.access(merchant_id, uid))


async def _stock(merchant_id: str, menu: Menu | None, stock: StockStore) -> Sequence[Stock]:
    tracked = [item.id for item in menu.items if item.stocked] if menu else []
    return await stock.stock(merchant_id, tracked) if tracked else ()
