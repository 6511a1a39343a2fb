"""The ports of orders: the catalogue and the stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from shared.kernel.audit import AuditEntry
from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import IsStaff, Order, OrderDecision, OrderDetails, Place
from shared.orders.opening import OpeningAt
from shared.orders.oversight import AttentionFilter, OverseenOrder, OversightFilter
from shared.orders.pricing import MenuItem
from shared.orders.quotes import Quote
from shared.orders.reservations import Capacity

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class MerchantSnapshot:
    """A merchant and its current menu, as the catalogue has them.

    `serves` is for the address; `blocks` says whether the merchant has blocked any customer.
    """

    id: str
    name: str
    business: Business
    place: Place
    prep_minutes: int
    currency: str
    timezone: str
    approved: bool
    opening_at: OpeningAt
    serves: bool
    menu_version: int
    menu: tuple[MenuItem, ...]
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class PlacementContext:
    """A consistent snapshot of everything on which placing an order depends.

    `on_hand` is the stock of the quote's counted items. `menu` is the merchant's current menu; None where it
    is still the one that the quote pinned. `place` is where the merchant is now, `serves` whether orders are
    delivered at the quote's address.
    """

    quote: Quote | None
    existing: Order | None
    opening_at: OpeningAt
    on_hand: Mapping[str, int]
    capacity: Capacity
    menu: tuple[MenuItem, ...] | None = None
    place: Place | None = None
    serves: bool = True
    blocked: bool = False
    """Whether the merchant has blocked the quote's customer."""
    unpaid: Sequence[Order] = ()
    """The customer's latest orders that are not paid, or were not when the one before was placed."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """The orders of one party, newest first, after the `(placed_at, id)` in `after`.

    `party_id` is the uid of the customer or the driver, or the id of the merchant, by `role`. Empty
    `states` means all; `since` is inclusive, `until` exclusive.
    """

    role: str
    party_id: str
    limit: int
    after: tuple[object, ...] = ()
    states: tuple[Fulfilment, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class Catalogue(Protocol):
    """The merchants and their menus."""

    async def shop(self, merchant_id: str, dropoff: Place) -> MerchantSnapshot | None:
        """Return the merchant with its current menu, for that address, or None."""
        ...

    async def has_blocked(self, merchant_id: str, customer_id: str) -> bool:
        """Return whether the merchant has blocked the customer."""
        ...

    async def on_hand(self, merchant_id: str, item_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the stock of these items; items without a count are left out."""
        ...


class Memberships(Protocol):
    """The staff of merchants."""

    async def is_member(self, merchant_id: str, uid: str) -> bool:
        """Return whether a person belongs to the staff of a merchant now."""
        ...

    async def merchants_of(self, uid: str) -> Sequence[str]:
        """Return the ids of the merchants of a person, the oldest membership first, up to a limit."""
        ...


class QuoteStore(Protocol):
    """The store of quotes."""

    async def add(self, quote: Quote) -> None:
        """Store a new quote."""
        ...


class OrderStore(Protocol):
    """The store of orders. An unknown order raises `OrderNotFound`."""

    async def get(self, order_id: str) -> Order:
        """Return the order."""
        ...

    async def details(self, order_ids: Sequence[str]) -> Mapping[str, OrderDetails]:
        """Return what the customer alone reads of orders that have ended, by the order's id."""
        ...

    async def list_orders(self, filter_: OrderFilter) -> Sequence[Order]:
        """Return the orders of one party, at most the filter's limit."""
        ...

    async def unpaid_of(self, customer_id: str) -> Sequence[Order]:
        """Return a customer's latest orders that are not paid, or were not when the latest was placed."""
        ...

    async def due(self, now: datetime, limit: int, cursor: Cursor | None = None) -> Page[Order]:
        """Return a page of the orders whose `next_check_at` has come, the longest due first."""
        ...

    async def place(
        self,
        quote_id: str,
        order_id: str,
        decide: Callable[[PlacementContext], OrderDecision],
        idempotency: IdempotentRequest | None,
    ) -> Order:
        """Store the order that `decide` makes of the context under these ids, and return it.

        In the same commit, it takes what it reserves of stock and capacity, and is remembered as unpaid.
        """
        ...

    async def change(
        self,
        order_id: str,
        decide: Callable[[Order], Decision[Order, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """Store the state that `decide` makes of the order, with its events, and return the result.

        What the order no longer reserves is released in the same commit.
        """
        ...

    async def change_as_party(
        self,
        order_id: str,
        decide: Callable[[Order, IsStaff], Decision[Order, R]],
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """Do as `change` does. `decide` can also check memberships, as of the read of the order or later."""
        ...


class Oversight(Protocol):
    """Orders as operators read and change them. An unknown order raises `OrderNotFound`."""

    async def look(self, order_id: str, entry: AuditEntry) -> OverseenOrder:
        """Return the order with all that operators read of it; the audit entry is stored first."""
        ...

    async def change(
        self,
        order_id: str,
        decide: Callable[[Order, IsStaff], OrderDecision],
        entry: AuditEntry,
        idempotency: IdempotentRequest | None = None,
    ) -> Order:
        """Store what `decide` makes of the order with the audit entry, in one commit; return the result.

        `decide` can also check memberships.
        """
        ...

    async def orders(self, by: OversightFilter) -> Sequence[Order]:
        """Return orders of all parties, newest first, at most the filter's limit."""
        ...

    async def attention(self, by: AttentionFilter) -> Sequence[OverseenOrder]:
        """Return the orders that need attention, the longest waiting first, at most the filter's limit."""
        ...
