"""A driver stops taking orders; those they carry stay theirs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext, Verdict
from shared.dispatch.drivers import Driver
from shared.dispatch.index import tell
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class GoOffline:
    """The driver."""

    uid: str


async def go_offline(command: GoOffline, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Take the driver off the map and return them. Raises `DriverNotRegistered`."""

    def decide(context: AssignmentContext) -> Verdict[Driver]:
        driver = drivers.go_offline(context.driver)
        return Verdict(AssignmentContext(driver=driver), (), driver)

    driver = await store.change(Keys(driver=command.uid), decide)
    await tell(index, driver)
    return driver
