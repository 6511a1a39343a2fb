"""What people read of merchants, menus and zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.catalogue.blocks import Block
from shared.catalogue.domain import Merchant, MerchantNotFound, run_by, seen_by
from shared.catalogue.menu import Menu, MenuNotFound, MenuVersionNotFound
from shared.catalogue.opening import takes_orders
from shared.catalogue.ports import (
    After,
    BlockBook,
    MerchantDesk,
    MerchantStore,
    Sought,
    StockStore,
    ZoneReader,
)
from shared.catalogue.rulings import Ruling
from shared.catalogue.search import category_key, wanted_terms
from shared.catalogue.stock import Stock
from shared.catalogue.zones import Zone
from shared.kernel.errors import Invalid
from shared.kernel.geo import BROWSE_RESOLUTION, Point, cells_around, distance_m

MAX_RULINGS = 100


class NothingToSearch(Invalid):
    """The text or the category to look for holds no word."""

    code = "NOTHING_TO_SEARCH"
    detail = "The text or the category to look for holds no word."


class SortBy(StrEnum):
    """What comes first in a list of merchants."""

    DISTANCE = "distance"
    RATING = "rating"


Place = tuple[int | str, ...]
"""Where a merchant stands in a sorted list."""


@dataclass(frozen=True, slots=True)
class Browse:
    """Merchants near a point; `after` is the place of the last one seen in this very list.

    `open_only` wants those that take orders now; `text`, `category` and `min_rating` (stars) narrow
    further. Without a rating a merchant has none to be asked for.
    """

    near: Point
    radius_m: int
    open_only: bool = False
    limit: int = 20
    after: Place | None = None
    category: str = ""
    text: str = ""
    min_rating: float | None = None
    sort: SortBy = SortBy.DISTANCE


@dataclass(frozen=True, slots=True)
class Nearby:
    """A merchant and how far it is, in whole metres as the crow flies."""

    merchant: Merchant
    distance_m: int

    def place(self, sort: SortBy) -> Place:
        """Where it stands in the list; the id settles what is equal."""
        if sort is SortBy.RATING:
            return -round((self.merchant.rating or 0) * 100), self.distance_m, self.merchant.id
        return self.distance_m, self.merchant.id


@dataclass(frozen=True, slots=True)
class NearbyPage:
    """Some merchants in the order that was asked for, and where the next page begins; None after the last."""

    merchants: Sequence[Nearby]
    after: Place | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A merchant, its menu in force, and the items of it of which nothing is left."""

    merchant: Merchant
    menu: Menu
    sold_out: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class MerchantsPage:
    """Some merchants, and where the next page begins; None after the last."""

    merchants: Sequence[Merchant]
    after: After | None


@dataclass(frozen=True, slots=True)
class BlocksPage:
    """Some blocks, and where the next page begins; None after the last."""

    blocks: Sequence[Block]
    after: After | None


@dataclass(frozen=True, slots=True)
class ZonesPage:
    """Some zones, and where the next page begins; None after the last."""

    zones: Sequence[Zone]
    after: After | None


async def browse(ask: Browse, *, merchants: MerchantStore, now: datetime) -> NearbyPage:
    """Return the approved merchants within the radius that have what is asked for. Raises `NothingToSearch`.

    Cells, switch, category and the rarest word narrow down what is read, by the index; hours, rating,
    the other words and the exact distance are looked at in what was read, for every page anew.
    """
    words, category = wanted_terms(ask.text), category_key(ask.category)
    if (ask.text and not words) or (ask.category and not category):
        raise NothingToSearch
    cells = cells_around(ask.near, ask.radius_m, BROWSE_RESOLUTION)
    sought = Sought(cells, ask.open_only, category, words[0] if words else "")
    measured = (
        Nearby(one, round(distance_m(ask.near, one.location))) for one in await merchants.seek(sought)
    )
    near = (one for one in measured if one.distance_m <= ask.radius_m)
    found = [one for one in near if _fits(one.merchant, ask, words, now)]
    placed = sorted(((one.place(ask.sort), one) for one in found), key=lambda pair: pair[0])
    rest = [pair for pair in placed if ask.after is None or pair[0] > ask.after]
    page = rest[: ask.limit]
    return NearbyPage([one for _, one in page], page[-1][0] if len(rest) > ask.limit else None)


def _fits(merchant: Merchant, ask: Browse, words: Sequence[str], now: datetime) -> bool:
    if ask.min_rating is not None and (merchant.rating or 0) < ask.min_rating:
        return False
    if not set(words) <= set(merchant.terms):
        return False
    return not ask.open_only or takes_orders(merchant, now)


async def read_merchant(merchant_id: str, uid: str, *, merchants: MerchantStore) -> Merchant:
    """Return a merchant that the person may see. Raises `MerchantNotFound`."""
    return seen_by(await merchants.find(merchant_id), uid)


async def read_own_merchant(merchant_id: str, uid: str, *, merchants: MerchantStore) -> Merchant:
    """Return a merchant to its staff. Raises `MerchantNotFound`."""
    return run_by(await merchants.find(merchant_id), uid)


async def read_menu(merchant_id: str, uid: str, *, merchants: MerchantStore, stock: StockStore) -> Offered:
    """Return a merchant and what it offers now. Raises `MerchantNotFound` or `MenuNotFound`.

    Reads the merchant, its menu, and one document per item that is counted.
    """
    shop = seen_by(await merchants.find(merchant_id), uid)
    found = await merchants.menu(merchant_id, shop.menu_version) if shop.menu_version else None
    if found is None:
        raise MenuNotFound
    left = {one.item_id for one in await _stock(merchant_id, found, stock) if one.on_hand > 0}
    return Offered(
        shop, found, frozenset(item.id for item in found.items if item.stocked and item.id not in left)
    )


async def read_menu_version(
    merchant_id: str, version: int, uid: str, *, merchants: MerchantStore
) -> tuple[Merchant, Menu]:
    """Return any version of the menu to the staff. Raises `MerchantNotFound` or `MenuVersionNotFound`."""
    shop = run_by(await merchants.find(merchant_id), uid)
    found = await merchants.menu(merchant_id, version)
    if found is None:
        raise MenuVersionNotFound
    return shop, found


async def read_stock(
    merchant_id: str, uid: str, *, merchants: MerchantStore, stock: StockStore
) -> Sequence[Stock]:
    """Return to the staff how much there is of each counted item. Raises `MerchantNotFound`."""
    shop = run_by(await merchants.find(merchant_id), uid)
    menu = await merchants.menu(merchant_id, shop.menu_version) if shop.menu_version else None
    return await _stock(merchant_id, menu, stock)


async def blocks_of(
    merchant_id: str,
    uid: str,
    limit: int,
    after: After | None,
    *,
    merchants: MerchantStore,
    blocks: BlockBook,
) -> BlocksPage:
    """Return to the staff from whom the merchant takes no orders, newest first. Raises `MerchantNotFound`."""
    shop = run_by(await merchants.find(merchant_id), uid)
    found = await blocks.of(shop.id, limit + 1, after)
    page = found[:limit]
    return BlocksPage(page, (page[-1].at, page[-1].uid) if len(found) > limit else None)


async def merchants_in(
    standing: str, limit: int, after: After | None, *, desk: MerchantDesk
) -> MerchantsPage:
    """Return merchants in one standing, the longest-waiting first; one more is read to know what follows."""
    found = await desk.standing(standing, limit + 1, after)
    page = found[:limit]
    return MerchantsPage(page, (page[-1].created_at, page[-1].id) if len(found) > limit else None)


async def read_application(
    merchant_id: str, *, merchants: MerchantStore, desk: MerchantDesk
) -> tuple[Merchant, Sequence[Ruling]]:
    """Return to an admin a merchant and what was decided about it. Raises `MerchantNotFound`."""
    merchant = await merchants.find(merchant_id)
    if merchant is None:
        raise MerchantNotFound
    return merchant, await desk.rulings(merchant_id, MAX_RULINGS)


async def zones_in_force(limit: int, after: After | None, *, zones: ZoneReader) -> ZonesPage:
    """Return the zones in force, the newest first."""
    found = await zones.active(limit + 1, after)
    page = found[:limit]
    return ZonesPage(page, (page[-1].created_at, page[-1].id) if len(found) > limit else None)


async def serving(point: Point, *, zones: ZoneReader) -> tuple[bool, Sequence[Zone]]:
    """Say whether orders are delivered at a point, and in which zones it lies; without any zone ever
    drawn, they are delivered everywhere."""
    found = await zones.serving(point)
    return bool(found) or not await zones.any_drawn(), found


async def _stock(merchant_id: str, menu: Menu | None, stock: StockStore) -> Sequence[Stock]:
    counted = [item.id for item in menu.items if item.stocked] if menu else []
    return await stock.of(merchant_id, counted) if counted else ()
