"""Reads of a merchant, its menu, staff, stock and blocks, of applications and of zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.catalogue.access import for_staff
from shared.catalogue.applications import ApplicationReview
from shared.catalogue.blocks import Block
from shared.catalogue.domain import Merchant, MerchantNotFound
from shared.catalogue.membership import Membership
from shared.catalogue.menu import Menu, MenuNotFound, MenuVersionNotFound
from shared.catalogue.ports import (
    After,
    ApplicationStore,
    BlockStore,
    MerchantStore,
    StaffStore,
    StockStore,
    ZoneReader,
)
from shared.catalogue.stock import Stock
from shared.catalogue.zones import Zone
from shared.kernel.geo import Point

MAX_REVIEWS = 100


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
