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
from shared.dispatch import searching


def with_release(docs: Docs, write: Update) -> Sequence[DocumentWrite]:
    """Return the write of an order; of a delivered one with its assignment closed, and that of its driver.

    The driver is read.
    """
    if "fulfilment" not in write.data:
        return (write,)
    order = ORDERS.parse({**(docs[write.path].data or {}), **write.data})
    driver_id = searching.releasable(order)
    driver = DRIVERS.find(docs, driver_id) if driver_id else None
    after = searching.deliver(order, driver) if driver_id else None
    if driver is None or after is None or after.order is None or after.driver is None:
        return (write,)
    shown = {**write.data, "assignment": shown_assignment(after.order.assignment)}
    return (replace(write, data=shown), DRIVERS.update(driver.id, driver, after.driver))
