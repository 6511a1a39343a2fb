"""An order has ended with its driver: they have room for another one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.dispatch import drivers, searching
from shared.dispatch.domain import AssignmentContext, Verdict
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class ReleaseDriver:
    """The driver is done with the order."""

    driver_id: str
    order_id: str


async def release_driver(command: ReleaseDriver, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Take the order from the driver's list, tell the index, let go of the order; twice changes nothing.

    The order comes last: while it has active work, the sweeper comes back to it. Raises
    `DriverNotFound`, and `Unavailable` until the index was updated: an index that takes a free
    driver for a busy one would let them wait for ever.
    """

    def decide(context: AssignmentContext) -> Verdict[Driver]:
        if context.driver is None:
            raise DriverNotFound
        freed = drivers.remove_order(context.driver, command.order_id)
        return Verdict(replace(context, driver=freed), (), freed)

    driver = await store.change(Keys(driver=command.driver_id), decide)
    await index.upsert_profile(driver)
    await store.change(
        Keys(order=command.order_id), lambda context: searching.release(context, command.driver_id)
    )
    return driver
