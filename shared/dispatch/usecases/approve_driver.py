"""An administrator lets a driver work."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext, Verdict
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DispatchStore, Keys


@dataclass(frozen=True, slots=True)
class ApproveDriver:
    """The driver to approve."""

    uid: str


async def approve_driver(command: ApproveDriver, *, store: DispatchStore) -> Driver:
    """Approve the driver and return them; a second time changes nothing. Raises `DriverNotFound`."""

    def decide(context: AssignmentContext) -> Verdict[Driver]:
        driver = drivers.approve(context.driver)
        return Verdict(AssignmentContext(driver=driver), (), driver)

    return await store.change(Keys(driver=command.uid), decide)
