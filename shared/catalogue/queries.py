"""What people read in the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.catalogue.domain import Menu, MenuNotFound, Merchant, seen_by
from shared.catalogue.ports import MerchantStore
from shared.kernel.geo import BROWSE_RESOLUTION, Point, cells_around, distance_m


@dataclass(frozen=True, slots=True)
class Browse:
    """Merchants near a point; `after` is the (distance, id) of the last one seen."""

    near: Point
    radius_m: int
    open_only: bool = False
    limit: int = 20
    after: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Nearby:
    """A merchant and how far it is, in whole metres as the crow flies."""

    merchant: Merchant
    distance_m: int

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in the list; the id settles equal distances."""
        return self.distance_m, self.merchant.id


@dataclass(frozen=True, slots=True)
class NearbyPage:
    """Some merchants, nearest first, and where the next page begins; None after the last."""

    merchants: Sequence[Nearby]
    after: tuple[int, str] | None


async def browse(ask: Browse, *, merchants: MerchantStore) -> NearbyPage:
    """Return the approved merchants within the radius, nearest first."""
    cells = cells_around(ask.near, ask.radius_m, BROWSE_RESOLUTION)
    found = await merchants.in_cells(cells, ask.open_only)
    measured = (Nearby(one, round(distance_m(ask.near, one.location))) for one in found)
    near = sorted((one for one in measured if one.distance_m <= ask.radius_m), key=lambda one: one.place)
    rest = [one for one in near if ask.after is None or one.place > ask.after]
    page = rest[: ask.limit]
    return NearbyPage(page, page[-1].place if len(rest) > ask.limit else None)


async def read_merchant(merchant_id: str, uid: str, *, merchants: MerchantStore) -> Merchant:
    """Return a merchant that the person may see. Raises `MerchantNotFound`."""
    return seen_by(await merchants.find(merchant_id), uid)


async def read_menu(merchant_id: str, uid: str, *, merchants: MerchantStore) -> tuple[Merchant, Menu]:
    """Return a merchant and its present menu. Raises `MerchantNotFound` or `MenuNotFound`."""
    shop = seen_by(await merchants.find(merchant_id), uid)
    found = await merchants.menu(merchant_id, shop.menu_version) if shop.menu_version else None
    if found is None:
        raise MenuNotFound
    return shop, found
