"""Release a driver from an order that has ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.dispatch import drivers, searching
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class ReleaseDriver:
    """The driver, and the order that has ended."""

    driver_id: str
    order_id: str


async def update_released(command: ReleaseDriver, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Update the index for a driver that the delivery of the order has released.

    Where it has not, release them. Raises what `release_driver` raises.
    """
    driver = await store.driver(command.driver_id)
    if driver is None:
        raise DriverNotFound
    if command.order_id in driver.active_orders:
        return await release_driver(command, store=store, index=index)
    await index.upsert_profile(driver)
    return driver


async def release_driver(command: ReleaseDriver, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Remove the order from the driver's list, update the index, release the order; a repeat is harmless.

    The order comes last: while it has active work, the sweeper comes back to it. Raises `DriverNotFound`,
    and `Unavailable` until the index was updated: an index that shows a free driver as busy would leave
    them without offers.
    """

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver]:
        if context.driver is None:
            raise DriverNotFound
        released = drivers.remove_order(context.driver, command.order_id)
        return Decision(replace(context, driver=released), (), released)

    driver = await store.change(Keys(driver=command.driver_id), decide)
    await index.upsert_profile(driver)
    await store.change(
        Keys(order=command.order_id), lambda context: searching.release(context, command.driver_id)
    )
    return driver
