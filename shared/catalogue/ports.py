"""The ports of the catalogue: what it needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from shared.catalogue.access import MerchantAccess
from shared.catalogue.applications import ApplicationReview, ReviewDecision
from shared.catalogue.blocks import Block, BlockDecision
from shared.catalogue.domain import Merchant
from shared.catalogue.membership import Membership
from shared.catalogue.menu import Menu
from shared.catalogue.staff import StaffDecision
from shared.catalogue.stock import Stock
from shared.catalogue.zones import Zone
from shared.kernel.geo import Point
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Business

M = TypeVar("M", Menu, Menu | None)

Revision = Callable[[MerchantAccess, Menu | None], tuple[Merchant, M]]
"""A decision over a merchant and its current menu. It returns both as they are to be stored."""

After = tuple[datetime, str]
"""The time and id of the last entry of the page before."""


@dataclass(frozen=True, slots=True)
class MerchantFilter:
    """What the index can filter by: the open switch, a category key and one search term."""

    open_only: bool = False
    category_key: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class Spots:
    """A range of spots that follow one another, both ends included; of a single one, after an id."""

    first: str
    last: str
    after_id: str = ""


class MerchantStore(Protocol):
    """Merchants and the versions of their menus."""

    async def find(self, merchant_id: str) -> Merchant | None:
        """Return the merchant, or None."""
        ...

    async def access(self, merchant_id: str, uid: str) -> MerchantAccess:
        """Return the merchant and the person's membership in its staff, in one read."""
        ...

    async def menu(self, merchant_id: str, version: int) -> Menu | None:
        """Return one version of the menu, or None."""
        ...

    async def search(self, by: MerchantFilter, within: Spots, limit: int) -> Sequence[Merchant]:
        """Return approved merchants that match the filter, by their spot and id."""
        ...

    async def count(self, by: MerchantFilter, within: Spots, limit: int) -> int:
        """Return how many merchants `search` would return; it costs as much as reading one."""
        ...

    async def any_near(self, point: Point) -> bool:
        """Return whether a merchant, approved or not, is in the region of a point or in one next to it."""
        ...

    async def add(
        self, merchant: Merchant, owner: Membership, idempotency: IdempotentRequest | None
    ) -> Merchant:
        """Store a new merchant and the membership of its owner in one commit, and return the merchant.

        Raises `TooManyShops` when the owner has as many as one can.
        """
        ...

    async def change(self, merchant_id: str, decide: Callable[[Merchant | None], Merchant]) -> Merchant:
        """Store the merchant that `decide` returns, and return it. `decide` may run again."""
        ...

    async def change_as(
        self, merchant_id: str, uid: str, decide: Callable[[MerchantAccess], Merchant]
    ) -> Merchant:
        """Do as `change` does, with the membership of the person `uid` in the same read."""
        ...

    async def publish_menu(
        self, merchant_id: str, uid: str, decide: Callable[[MerchantAccess], tuple[Merchant, Menu]]
    ) -> tuple[Merchant, Menu]:
        """Store the merchant and its new menu version in one commit. On a conflict `decide` runs again."""
        ...

    async def revise(self, merchant_id: str, uid: str, decide: Revision[M]) -> tuple[Merchant, M]:
        """Store the merchant and the menu that `decide` returns, and return both.

        The menu is a new version, or the current one when it does not change. A new version takes the place
        of old ones that nothing pins (see `menu_versions`).
        """
        ...

    async def count_review(
        self, merchant_id: str, review_id: str, decide: Callable[[Merchant], Merchant]
    ) -> Merchant | None:
        """Store the merchant that `decide` returns, once per review. Return None for an unknown merchant."""
        ...


class StaffStore(Protocol):
    """The memberships of merchants' staff."""

    async def members(self, merchant_id: str) -> Sequence[Membership]:
        """Return the staff of a merchant: the owner, then the longest membership first."""
        ...

    async def change(
        self,
        merchant_id: str,
        uid: str,
        member: str,
        decide: Callable[[MerchantAccess, Membership | None], StaffDecision],
    ) -> Merchant:
        """Store the merchant and the membership of `member` that `decide` returns, in one commit.

        `decide` receives the access of the caller `uid` and the existing membership of `member`.
        """
        ...


class Licences(Protocol):
    """The licences of merchants."""

    async def valid_until(self, merchant_id: str, business: Business, now: datetime) -> datetime | None:
        """Return when the merchant's licence expires: at or before `now` where there is no valid one.

        None where no licence is required. Raises `Unavailable`.
        """
        ...


class ApplicationStore(Protocol):
    """The applications of merchants and their reviews by admins."""

    async def review(
        self,
        merchant_id: str,
        admin_id: str,
        decide: Callable[[MerchantAccess], ReviewDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Merchant:
        """Store the merchant and the review that `decide` makes of the admin's access; return the former."""
        ...

    async def with_status(self, status: str, limit: int, after: After | None) -> Sequence[Merchant]:
        """Return the merchants with an application status, the oldest first."""
        ...

    async def reviews(self, merchant_id: str, limit: int) -> Sequence[ApplicationReview]:
        """Return the latest reviews of a merchant's application, newest first."""
        ...


class StockStore(Protocol):
    """The stock of tracked items."""

    async def put(self, merchant_id: str, stock: Stock) -> Stock:
        """Store a count in place of an earlier one."""
        ...

    async def stock(self, merchant_id: str, item_ids: Sequence[str]) -> Sequence[Stock]:
        """Return the stock of these items, without those that were never counted."""
        ...


class BlockStore(Protocol):
    """The customers that merchants have blocked."""

    async def customer_of(self, merchant_id: str, order_id: str) -> str | None:
        """Return the customer of an order of the merchant; None for any other order."""
        ...

    async def blocks(self, merchant_id: str, limit: int, after: After | None) -> Sequence[Block]:
        """Return a merchant's blocks, newest first."""
        ...

    async def change(
        self,
        merchant_id: str,
        uid: str,
        customer_id: str,
        decide: Callable[[MerchantAccess, Block | None], BlockDecision],
    ) -> Block | None:
        """Store the merchant and the block that `decide` returns in one commit, and return the block.

        `decide` receives the access of the caller `uid` and the existing block of the customer.
        """
        ...


class ZoneReader(Protocol):
    """Reads of service zones."""

    async def serving(self, point: Point) -> Sequence[Zone]:
        """Return the active zones that cover a point."""
        ...

    async def any_created(self) -> bool:
        """Return whether a zone was ever created. Archived zones count."""
        ...

    async def active(self, limit: int, after: After | None) -> Sequence[Zone]:
        """Return the active zones, newest first."""
        ...


class ZoneStore(Protocol):
    """Changes of service zones."""

    async def add(self, zone: Zone, idempotency: IdempotentRequest | None) -> Zone:
        """Store a new zone and return it."""
        ...

    async def change(self, zone_id: str, decide: Callable[[Zone | None], Zone]) -> Zone:
        """Store the zone that `decide` returns, and return it."""
        ...
