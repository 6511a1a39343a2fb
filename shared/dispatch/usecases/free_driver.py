"""An order has ended with its driver: they have room for another one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.dispatch import drivers, searching
from shared.dispatch.domain import Case, Verdict
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class FreeDriver:
    """The driver is done with the order."""

    driver_id: str
    order_id: str


async def free_driver(command: FreeDriver, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Take the order from the driver's list, tell the index, let go of the order; twice changes nothing.

    The order comes last: as long as it is engaged, the sweeper comes back to it. Raises
    `DriverNotFound`, and `Unavailable` until the index has heard of it: an index that takes a free
    driver for a busy one would let them wait for ever.
    """

    def decide(case: Case) -> Verdict[Driver]:
        if case.driver is None:
            raise DriverNotFound
        freed = drivers.free(case.driver, command.order_id)
        return Verdict(replace(case, driver=freed), (), freed)

    driver = await store.change(Keys(driver=command.driver_id), decide)
    await index.describe(driver)
    await store.change(Keys(order=command.order_id), lambda case: searching.let_go(case, command.driver_id))
    return driver
