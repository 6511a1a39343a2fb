"""Reading the tips for an order."""

from __future__ import annotations

from collections.abc import Sequence

from shared.orders.tips.domain import Tip, shown
from shared.orders.tips.ports import TipStore


async def tips_of(order_id: str, uid: str, *, tips: TipStore) -> Sequence[Tip]:
    """Return the tips for an order that somebody may see; raises `OrderNotFound` to strangers."""
    order, given = await tips.of(order_id)
    return shown(order, given, uid)
