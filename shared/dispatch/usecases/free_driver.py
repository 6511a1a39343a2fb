"""An order was delivered: its driver has room for another one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.dispatch import drivers
from shared.dispatch.domain import Case, Verdict
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class FreeDriver:
    """The driver is done with the order."""

    driver_id: str
    order_id: str


async def free_driver(command: FreeDriver, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Take the order from the driver's list and tell the index; a second time changes nothing.

    Raises `DriverNotFound`, and `Unavailable` until the index has heard of it: an index that takes
    a free driver for a busy one would let them wait for ever.
    """

    def decide(case: Case) -> Verdict[Driver]:
        if case.driver is None:
            raise DriverNotFound
        freed = drivers.free(case.driver, command.order_id)
        return Verdict(replace(case, driver=freed), (), freed)

    driver = await store.change(Keys(driver=command.driver_id), decide)
    await index.describe(driver)
    return driver
