"""Read the tips for an order."""

from __future__ import annotations

from collections.abc import Sequence

from shared.orders.tips.domain import Tip, visible_tips
from shared.orders.tips.ports import TipStore


async def list_tips(order_id: str, uid: str, *, tips: TipStore) -> Sequence[Tip]:
    """Return the tips for an order that a user may read; raises `OrderNotFound` for a stranger."""
    order, existing = await tips.list_of_order(order_id)
    return visible_tips(order, existing, uid)
