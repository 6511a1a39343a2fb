"""What orders need from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import Decision, Order, Place, Quote
from shared.orders.pricing import MenuItem
from shared.orders.recurrences.domain import Recurrence
from shared.orders.reservations import Capacity


@dataclass(frozen=True, slots=True)
class Shop:
    """What the catalogue says of a merchant, with its current menu.

    `takes_orders` is about the moment that was asked for, `serves` about the address; `blocks` says
    whether there are customers from whom it takes none.
    """

    id: str
    name: str
    staff: tuple[str, ...]
    business: Business
    place: Place
    prep_minutes: int
    currency: str
    approved: bool
    takes_orders: bool
    serves: bool
    menu_version: int
    menu: tuple[MenuItem, ...]
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class PlacementContext:
    """What placing an order rests on, as it is in one moment.

    `takes_orders` is about now or, for later, about then; `on_hand` says how much is left of the quote's
    counted items. `recurrence` is the recurrence that the order is an occurrence of.
    """

    quote: Quote | None
    existing: Order | None
    takes_orders: bool
    on_hand: Mapping[str, int]
    capacity: Capacity
    recurrence: Recurrence | None = None
    blocked: bool = False
    """Whether the merchant takes no orders from the quote's customer."""
    account_closed: bool = False
    """Whether the account of the recurrence's customer is closed: no request has checked it just now."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Whose orders, newest first; `after` is the `(placed_at, id)` of the last one seen.

    `states` leaves the others out, none is all; `since` is included, `until` is not.
    """

    role: str
    uid: str
    limit: int
    after: tuple[object, ...] = ()
    states: tuple[Fulfilment, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class Catalogue(Protocol):
    """The merchants and their menus."""

    async def shop(self, merchant_id: str, dropoff: Place, at: datetime) -> Shop | None:
        """Return the merchant with its current menu, as it stands to that address and time, or None."""
        ...

    async def has_blocked(self, merchant_id: str, customer_id: str) -> bool:
        """Say whether the merchant takes no orders from the customer."""
        ...

    async def on_hand(self, merchant_id: str, item_ids: Sequence[str]) -> Mapping[str, int]:
        """Return how much is left of these items; those that nobody has counted are left out."""
        ...


class QuoteStore(Protocol):
    """Where quotes wait for their order."""

    async def add(self, quote: Quote) -> None:
        """Retained a new quote."""
        ...


class OrderStore(Protocol):
    """Where orders live. Reads of something unknown raise `OrderNotFound`."""

    async def get(self, order_id: str) -> Order:
        """Return the order."""
        ...

    async def of(self, wanted: OrderFilter) -> Sequence[Order]:
        """Return a person's orders in one role."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Order]:
        """Return the orders whose `next_check_at` has come, the longest due first."""
        ...

    async def place(
        self,
        quote_id: str,
        order_id: str,
        now: datetime,
        decide: Callable[[PlacementContext], Decision],
        idempotency: IdempotentRequest | None,
        recurrence_id: str | None = None,
    ) -> Order:
        """Create the order that `decide` makes of what stands under the ids, and return it.

        In the same commit, what it reserves is taken off the shelf and the capacity's room, and the
        recurrence advances to its next occurrence.
        """
        ...

    async def change(
        self, order_id: str, decide: Callable[[Order], Decision], idempotency: IdempotentRequest | None = None
    ) -> Order:
        """Store what `decide` makes of the order, tell its events, and return it.

        What it no longer reserves goes back in the same commit.
        """
        ...
