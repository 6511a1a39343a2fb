"""The end of a delivery for its driver, in the commit that delivers the order (ADR 0027).

Orders write that an order is delivered. Dispatch decides what that means for its slice of the order and for
the driver: the same functions as in `release_driver`, over the same documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.adapters.firestore.change import Docs
from shared.adapters.firestore.codec import DocumentWrite, Update
from shared.adapters.firestore.dispatch import DRIVERS
from shared.adapters.firestore.dispatch_orders import ORDERS, shown_assignment
from shared.dispatch import drivers, searching
from shared.dispatch.domain import AssignmentContext
from shared.kernel.order import Fulfilment


def with_release(docs: Docs, write: DocumentWrite) -> Sequence[DocumentWrite]:
    """Return the write of a delivered order with its assignment closed, and that of its driver.

    An order that operators look at stays with dispatch, which knows why; so does one without a driver. The
    driver is read.
    """
    data = docs[write.path].data or {}
    if not isinstance(write, Update) or write.data.get("fulfilment") != Fulfilment.DELIVERED:
        return (write,)
    order = ORDERS.parse({**data, **write.data})
    driver_id = order.assignment.driver_id
    if driver_id is None or order.assignment.escalated_at:
        return (write,)
    driver = DRIVERS.find(docs, driver_id)
    if driver is None or order.id not in driver.active_orders:
        return (write,)
    closed = searching.release(AssignmentContext(order), driver_id).state.order or order
    released = drivers.remove_order(driver, order.id)
    shown = {**write.data, "assignment": shown_assignment(closed.assignment)}
    return (replace(write, data=shown), DRIVERS.update(driver_id, driver, released))
