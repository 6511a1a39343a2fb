"""What recurrences need from outside, beside the ports of orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.kernel.batch import Cursor, Page
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import Order
from shared.orders.ports import PlacementContext
from shared.orders.recurrences.domain import Recurrence, RecurrenceDecision


@dataclass(frozen=True, slots=True)
class OccurrenceContext:
    """A consistent snapshot of everything on which placing an occurrence depends.

    `account_closed` says whether the customer's account is closed: no request has checked it just now.
    `latest` are the orders that the recurrence names in `latest_orders`.
    """

    placement: PlacementContext
    recurrence: Recurrence | None
    account_closed: bool
    latest: Sequence[Order | None] = ()


@dataclass(frozen=True, slots=True)
class PlacedOccurrence:
    """The order of an occurrence, and its recurrence after that."""

    order: Order
    recurrence: Recurrence


OccurrenceDecision = Decision[PlacedOccurrence, Order]


@dataclass(frozen=True, slots=True)
class OccurrenceKey:
    """The ids of the documents that placing an occurrence rests on."""

    recurrence_id: str
    customer_id: str
    quote_id: str
    order_id: str


class RecurrenceStore(Protocol):
    """The store of recurrences."""

    async def find(self, recurrence_id: str) -> Recurrence | None:
        """Return the recurrence, or None."""
        ...

    async def list_of_customer(
        self, customer_id: str, limit: int, after: tuple[object, ...]
    ) -> Sequence[Recurrence]:
        """Return a customer's recurrences, newest first, after the position `(created_at, id)`."""
        ...

    async def due(self, now: datetime, limit: int, cursor: Cursor | None) -> Page[Recurrence]:
        """Return the recurrences whose `due_at` has passed, the longest due first."""
        ...

    async def add(
        self, customer_id: str, decide: Callable[[int], Recurrence], idempotency: IdempotentRequest | None
    ) -> Recurrence:
        """Store and return the recurrence that `decide` creates from the number of active ones."""
        ...

    async def change(
        self,
        recurrence_id: str,
        decide: Callable[[Recurrence | None], RecurrenceDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Recurrence:
        """Store what `decide` returns, with its events, and return the result; `decide` may run again."""
        ...

    async def place(
        self, key: OccurrenceKey, decide: Callable[[OccurrenceContext], OccurrenceDecision]
    ) -> Order:
        """Store the order and the recurrence that `decide` returns in one commit; return the order.

        In the same commit, the order takes what it reserves of stock and capacity.
        """
        ...
