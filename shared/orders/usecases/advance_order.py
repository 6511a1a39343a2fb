"""Move an order one step on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.once import Once
from shared.orders.domain import Decision, Order, party
from shared.orders.ports import OrderStore
from shared.orders.transitions import TABLES, Step, advance


@dataclass(frozen=True, slots=True)
class AdvanceOrder:
    """Who takes which step on which order."""

    uid: str
    order_id: str
    step: Step


async def advance_order(
    command: AdvanceOrder, *, orders: OrderStore, now: datetime, once: Once | None = None
) -> Order:
    """Return the order one step on.

    Raises `OrderNotFound` for a stranger, `NotPermitted` for the wrong party, `IllegalTransition`
    from the wrong state and `OrderNotPaid` where goods would move unpaid.
    """

    def decide(order: Order) -> Decision:
        role = TABLES[order.business][command.step].role
        return advance(order, command.step, party(order, command.uid, role), now)

    return await orders.change(command.order_id, decide, once)
