"""A customer thanks the driver after delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.once import Once
from shared.orders.domain import Order
from shared.orders.ports import TipStore
from shared.orders.tips import Tip, tip


@dataclass(frozen=True, slots=True)
class TipDriver:
    """Who gives how much (minor units of the order's currency) for which order."""

    customer_id: str
    order_id: str
    amount: int


async def tip_driver(command: TipDriver, *, tips: TipStore, now: datetime, once: Once | None) -> Tip:
    """Return the tip, which is still to be paid; the errors are those of `tips.tip`."""

    def decide(order: Order, given: Sequence[Tip]) -> Tip:
        return tip(order, given, command.customer_id, command.amount, now)

    return await tips.add(command.order_id, decide, once)
