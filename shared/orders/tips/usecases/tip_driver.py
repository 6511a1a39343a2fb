"""Tip the driver after delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import Order
from shared.orders.tips.domain import Tip, create_tip, expire
from shared.orders.tips.ports import TipDecision, TipStore


@dataclass(frozen=True, slots=True)
class TipDriver:
    """The customer, the order and the amount, in minor units of the order's currency."""

    customer_id: str
    order_id: str
    amount: int


async def tip_driver(
    command: TipDriver, *, tips: TipStore, now: datetime, idempotency: IdempotentRequest | None
) -> Tip:
    """Return the new tip, still to be paid; raises the errors of `create_tip`.

    Earlier tips that were not paid in time expire.
    """

    def decide(order: Order, existing: Sequence[Tip]) -> TipDecision:
        earlier = [expire(tip, now) for tip in existing]
        created = create_tip(order, earlier, command.customer_id, command.amount, now)
        return Decision([*earlier, created], [], created)

    return await tips.add(command.order_id, decide, idempotency)
