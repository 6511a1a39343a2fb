"""What recurrences need from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.kernel.idempotency import IdempotentRequest
from shared.orders.recurrences.domain import Recurrence


class RecurrenceStore(Protocol):
    """The recurrences of all customers."""

    async def find(self, recurrence_id: str) -> Recurrence | None:
        """Return the recurrence, or None."""
        ...

    async def of(self, customer_id: str, limit: int, after: tuple[object, ...]) -> Sequence[Recurrence]:
        """Return a customer's recurrences, newest first, after the position `(created_at, id)`."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Recurrence]:
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
        decide: Callable[[Recurrence | None], Recurrence],
        idempotency: IdempotentRequest | None = None,
    ) -> Recurrence:
        """Store and return the recurrence that `decide` returns; `decide` may run again."""
        ...
