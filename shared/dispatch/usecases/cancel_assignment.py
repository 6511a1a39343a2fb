"""An order was cancelled: nobody shall be asked for it, and its driver is free again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import searching
from shared.dispatch.domain import AssignmentContext, Order, OrderNotFound, Verdict
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class CancelAssignment:
    """The cancelled order, and its driver as the news of the cancellation names them."""

    order_id: str
    driver_id: str | None = None


async def cancel_assignment(
    command: CancelAssignment, *, store: DispatchStore, index: DriverIndex, now: datetime
) -> None:
    """Withdraw the open offer, end the assignment, free the driver; a second time changes nothing.

    Raises `OrderNotFound`, and `Unavailable` when the order is changing at this moment or the index
    did not hear that the driver is free: then it has to be called again.
    """
    order = await store.order(command.order_id)
    if order is None:
        raise OrderNotFound
    seen = order.assignment

    def decide(context: AssignmentContext) -> Verdict[AssignmentContext]:
        return searching.cancel(context, seen, now)

    driver_id = seen.driver_id or await _asked(order, store) or command.driver_id
    after = await store.change(Keys(order.id, seen.offer_id, driver_id), decide)
    if after.driver:
        await index.upsert_profile(after.driver)
    if after.offer:
        await index.release(after.offer.driver_id, after.offer.id)


async def _asked(order: Order, store: DispatchStore) -> str | None:
    """Return the driver who has the order's offer before them."""
    offer = await store.offer(order.assignment.offer_id) if order.assignment.offer_id else None
    return offer.driver_id if offer else None
