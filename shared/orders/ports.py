"""What orders need from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.kernel.once import Once
from shared.orders.domain import Decision, Order, Place, Quote
from shared.orders.pricing import MenuItem


@dataclass(frozen=True, slots=True)
class Shop:
    """What the catalogue says of a merchant at this moment, with its current menu."""

    id: str
    name: str
    staff: tuple[str, ...]
    place: Place
    prep_minutes: int
    currency: str
    approved: bool
    open: bool
    menu_version: int
    menu: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class OrdersOf:
    """Whose orders, newest first; `after` is the `(placed_at, id)` of the last one seen."""

    role: str
    uid: str
    limit: int
    after: tuple[object, ...] = ()


class Catalogue(Protocol):
    """The merchants and their menus."""

    async def shop(self, merchant_id: str) -> Shop | None:
        """Return the merchant with its current menu, or None."""
        ...


class QuoteStore(Protocol):
    """Where quotes wait for their order."""

    async def add(self, quote: Quote) -> None:
        """Keep a new quote."""
        ...


class OrderStore(Protocol):
    """Where orders live. Reads of something unknown raise `OrderNotFound`."""

    async def get(self, order_id: str) -> Order:
        """Return the order."""
        ...

    async def of(self, wanted: OrdersOf) -> Sequence[Order]:
        """Return a person's orders in one role."""
        ...

    async def place(
        self,
        quote_id: str,
        order_id: str,
        decide: Callable[[Quote | None, Order | None, bool], Decision],
        once: Once | None,
    ) -> Order:
        """Create the order that `decide` makes of the quote, the order that already stands under
        `order_id`, and whether the merchant takes orders; then return it."""
        ...

    async def change(
        self, order_id: str, decide: Callable[[Order], Decision], once: Once | None = None
    ) -> Order:
        """Store what `decide` makes of the order, tell its events, and return it."""
        ...
