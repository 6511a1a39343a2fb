"""Set a driver offline; their active orders stay theirs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.index import update_index
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class GoOffline:
    """The driver."""

    uid: str


async def go_offline(command: GoOffline, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Set the driver offline and return them. Raises `DriverNotRegistered`."""

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver]:
        driver = drivers.go_offline(context.driver)
        return Decision(AssignmentContext(driver=driver), (), driver)

    driver = await store.change(Keys(driver=command.uid), decide)
    await update_index(index, driver)
    return driver
