"""What tips need from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.kernel.once import Once
from shared.orders.domain import Order
from shared.orders.tips.domain import Tip


class TipStore(Protocol):
    """Where tips after delivery live. An order that there is not raises `OrderNotFound`."""

    async def of(self, order_id: str) -> tuple[Order, Sequence[Tip]]:
        """Return an order and the tips for it, the first one first."""
        ...

    async def add(
        self, order_id: str, decide: Callable[[Order, Sequence[Tip]], Sequence[Tip]], once: Once | None
    ) -> Tip:
        """Store the tips that `decide` makes of an order and the tips so far, and return the last one,
        which is new."""
        ...
