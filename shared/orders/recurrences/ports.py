"""What recurrences need from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.kernel.once import Once
from shared.orders.recurrences.domain import Recurrence


class RecurrenceStore(Protocol):
    """Where recurring orders live."""

    async def find(self, recurrence_id: str) -> Recurrence | None:
        """Return the recurring order, or None."""
        ...

    async def of(self, customer_id: str, limit: int, after: tuple[object, ...]) -> Sequence[Recurrence]:
        """Return a customer's recurring orders, newest first, from after that `(created_at, id)`."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Recurrence]:
        """Return those whose `due_at` has come, the longest due first."""
        ...

    async def add(
        self, customer_id: str, decide: Callable[[int], Recurrence], once: Once | None
    ) -> Recurrence:
        """Store the one that `decide` makes, told how many of the customer's have not ended, and return
        it."""
        ...

    async def change(
        self,
        recurrence_id: str,
        decide: Callable[[Recurrence | None], Recurrence],
        once: Once | None = None,
    ) -> Recurrence:
        """Store what `decide` makes of it, and return that; `decide` may run again."""
        ...
