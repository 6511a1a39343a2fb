"""What substitutions need from outside, beside the ports of orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, Order, OrderDecision
from shared.orders.substitutions.domain import Availability


class SubstitutionStore(Protocol):
    """The orders, with what their merchants have now."""

    async def answer(
        self,
        order_id: str,
        decide: Callable[[Order, Callable[[], Availability], IsStaff], OrderDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Order:
        """Store what `decide` returns for the order, record its events, and return the order.

        `decide` can also look up what the merchant has: its current menu, and the stock on hand of the
        counted items among the open replacements. It may reserve them.
        """
        ...
