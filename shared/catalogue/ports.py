"""What the catalogue needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from shared.catalogue.blocks import Block, Blocked
from shared.catalogue.domain import Merchant
from shared.catalogue.menu import Menu
from shared.catalogue.rulings import Ruled, Ruling
from shared.catalogue.stock import Stock
from shared.catalogue.zones import Zone
from shared.kernel.geo import Point
from shared.kernel.once import Once
from shared.kernel.order import Business

M = TypeVar("M", Menu, Menu | None)

Revision = Callable[[Merchant | None, Menu | None], tuple[Merchant, M]]
"""From the merchant and its menu in force to both as they shall be."""

After = tuple[datetime, str]
"""Time and id of the last one seen."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What the index narrows down: H3 cells, the switch, a category's key and one term of the search."""

    cells: Sequence[str]
    open_only: bool = False
    category_key: str = ""
    term: str = ""


class MerchantStore(Protocol):
    """Merchants and the versions of their menus."""

    async def find(self, merchant_id: str) -> Merchant | None:
        """Return the merchant, or None."""
        ...

    async def menu(self, merchant_id: str, version: int) -> Menu | None:
        """Return one version of the menu, or None."""
        ...

    async def seek(self, sought: Sought) -> Sequence[Merchant]:
        """Return the approved merchants of these cells that have what is sought, in no order."""
        ...

    async def add(self, merchant: Merchant, once: Once | None) -> Merchant:
        """Store a new merchant and return it."""
        ...

    async def change(self, merchant_id: str, decide: Callable[[Merchant | None], Merchant]) -> Merchant:
        """Store what `decide` makes of the merchant, and return it; `decide` may run again."""
        ...

    async def publish_menu(
        self, merchant_id: str, decide: Callable[[Merchant | None], tuple[Merchant, Menu]]
    ) -> tuple[Merchant, Menu]:
        """Store the merchant and its new menu version together; of two at once, the second decides again."""
        ...

    async def revise(self, merchant_id: str, decide: Revision[M]) -> tuple[Merchant, M]:
        """Store what `decide` makes of the merchant and of its menu in force, which is a new version or
        the same; then return both."""
        ...

    async def count_review(
        self, merchant_id: str, review_id: str, decide: Callable[[Merchant], Merchant]
    ) -> Merchant | None:
        """Store what `decide` makes of the merchant, once per review; None for an unknown merchant."""
        ...


class Licences(Protocol):
    """What merchants need to have shown."""

    async def good_until(self, merchant_id: str, business: Business, now: datetime) -> datetime | None:
        """Return the moment at which the merchant's licence ends, which is not after `now` where there is
        none; None where nobody asks for one. Raises `Unavailable`."""
        ...


class MerchantDesk(Protocol):
    """Merchants as the admins who decide about them see them."""

    async def rule(self, merchant_id: str, decide: Callable[[Merchant | None], Ruled]) -> Merchant:
        """Store what `decide` makes of the merchant, and its decision for good."""
        ...

    async def standing(self, standing: str, limit: int, after: After | None) -> Sequence[Merchant]:
        """Return merchants in one standing, those who have waited longest first."""
        ...

    async def rulings(self, merchant_id: str, limit: int) -> Sequence[Ruling]:
        """Return the latest decisions about a merchant, newest first."""
        ...


class StockStore(Protocol):
    """How much there is of the items that are counted."""

    async def put(self, merchant_id: str, stock: Stock) -> Stock:
        """Store a count, whatever was there before."""
        ...

    async def of(self, merchant_id: str, item_ids: Sequence[str]) -> Sequence[Stock]:
        """Return the stock of these items, those left out that were never counted."""
        ...


class BlockBook(Protocol):
    """From whom merchants take no orders."""

    async def customer_of(self, merchant_id: str, order_id: str) -> str | None:
        """Return whose order it is; None unless it is one of the merchant's."""
        ...

    async def of(self, merchant_id: str, limit: int, after: After | None) -> Sequence[Block]:
        """Return a merchant's blocks, newest first."""
        ...

    async def change(
        self,
        merchant_id: str,
        customer_id: str,
        decide: Callable[[Merchant | None, Block | None], Blocked],
    ) -> Block | None:
        """Store what `decide` makes of a merchant and its block of a customer, together; return the block."""
        ...


class ZoneReader(Protocol):
    """Where orders are delivered."""

    async def serving(self, point: Point) -> Sequence[Zone]:
        """Return the zones in force in which a point lies."""
        ...

    async def any_drawn(self) -> bool:
        """Say whether a zone was ever drawn; one that was retired counts."""
        ...

    async def active(self, limit: int, after: After | None) -> Sequence[Zone]:
        """Return the zones in force, the newest first."""
        ...


class ZoneStore(Protocol):
    """Where zones are kept."""

    async def add(self, zone: Zone, once: Once | None) -> Zone:
        """Store a new zone and return it."""
        ...

    async def change(self, zone_id: str, decide: Callable[[Zone | None], Zone]) -> Zone:
        """Store what `decide` makes of the zone, and return it."""
        ...
