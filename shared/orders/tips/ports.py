"""What tips need from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import Order
from shared.orders.tips.domain import Tip

TipDecision = Decision[Sequence[Tip], Tip]
"""All tips for an order, and the new one among them."""


class TipStore(Protocol):
    """The tips of all orders. An unknown order raises `OrderNotFound`."""

    async def list_of_order(self, order_id: str) -> tuple[Order, Sequence[Tip]]:
        """Return an order and its tips, the oldest first."""
        ...

    async def add(
        self,
        order_id: str,
        decide: Callable[[Order, Sequence[Tip]], TipDecision],
        idempotency: IdempotentRequest | None,
    ) -> Tip:
        """Store the tips that `decide` returns for an order and its tips; return the new tip."""
        ...
