"""Cancel the assignment of a cancelled order: withdraw its offer and release its driver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import searching
from shared.dispatch.domain import AssignmentContext, Order, OrderNotFound
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class CancelAssignment:
    """The cancelled order, and its driver as the cancellation event names them."""

    order_id: str
    driver_id: str | None = None


async def cancel_assignment(
    command: CancelAssignment, *, store: DispatchStore, index: DriverIndex, now: datetime
) -> None:
    """Withdraw the open offer, end the assignment, release the driver; a second call changes nothing.

    Raises `OrderNotFound`, and `Unavailable` when the order is changing at this moment or the index was
    not updated: then call again.
    """
    order = await store.order(command.order_id)
    if order is None:
        raise OrderNotFound
    seen = order.assignment

    def decide(context: AssignmentContext) -> searching.ContextDecision:
        return searching.cancel(context, seen, now)

    driver_id = seen.driver_id or await _offered_to(order, store) or command.driver_id
    after = await store.change(Keys(order.id, seen.offer_id, driver_id), decide)
    if after.driver:
        await index.upsert_profile(after.driver)
    if after.offer:
        await index.release(after.offer.driver_id, after.offer.id)


async def _offered_to(order: Order, store: DispatchStore) -> str | None:
    """Return the driver of the order's offer."""
    offer = await store.offer(order.assignment.offer_id) if order.assignment.offer_id else None
    return offer.driver_id if offer else None
