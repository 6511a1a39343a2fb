"""What substitutions need from outside, beside the ports of orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, Order, OrderDecision


class SubstitutionStore(Protocol):
    """The orders, with the stock of the replacements."""

    async def answer(
        self,
        order_id: str,
        decide: Callable[[Order, Mapping[str, int], IsStaff], OrderDecision],
        idempotency: IdempotentRequest | None = None,
    ) -> Order:
        """Store what `decide` returns for the order, record its events, and return the order.

        `decide` also receives the stock on hand of the counted items among the open replacements, and may
        reserve them.
        """
        ...
