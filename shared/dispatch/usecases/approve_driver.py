"""Approve a driver."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DispatchStore, Keys
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class ApproveDriver:
    """The driver to approve."""

    uid: str


async def approve_driver(command: ApproveDriver, *, store: DispatchStore) -> Driver:
    """Approve the driver and return them; a second call changes nothing. Raises `DriverNotFound`."""

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver]:
        driver = drivers.approve(context.driver)
        return Decision(AssignmentContext(driver=driver), (), driver)

    return await store.change(Keys(driver=command.uid), decide)
