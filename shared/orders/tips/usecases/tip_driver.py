"""A customer thanks the driver after delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.once import Once
from shared.orders.domain import Order
from shared.orders.tips.domain import Tip, lapsed, tip
from shared.orders.tips.ports import TipStore


@dataclass(frozen=True, slots=True)
class TipDriver:
    """Who gives how much (minor units of the order's currency) for which order."""

    customer_id: str
    order_id: str
    amount: int


async def tip_driver(command: TipDriver, *, tips: TipStore, now: datetime, once: Once | None) -> Tip:
    """Return the tip, which is still to be paid; the errors are those of `tips.tip`.

    Earlier ones that nobody has paid in time lapse.
    """

    def decide(order: Order, given: Sequence[Tip]) -> Sequence[Tip]:
        before = [lapsed(one, now) for one in given]
        return [*before, tip(order, before, command.customer_id, command.amount, now)]

    return await tips.add(command.order_id, decide, once)
