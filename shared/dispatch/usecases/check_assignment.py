"""Look after the driver of an assigned order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch.domain import AssignmentContext
from shared.dispatch.handover import HandoverDecision, check_driver
from shared.dispatch.ports import Keys, SearchPorts


@dataclass(frozen=True, slots=True)
class CheckAssignment:
    """The order, and the driver who had it when it was read."""

    order_id: str
    driver_id: str


async def check_assignment(command: CheckAssignment, *, ports: SearchPorts, now: datetime) -> None:
    """Report a driver to operators who is silent, closed or has a problem, or search for another one.

    See `handover.check_driver`.

    A driver who lost the order is updated in the index. Raises `Unavailable` until that is done.
    """
    last_report = await ports.index.last_report(command.driver_id)

    def decide(context: AssignmentContext) -> HandoverDecision:
        return check_driver(context, last_report, ports.config, now)

    driver = await ports.store.change(Keys(command.order_id, driver=command.driver_id), decide)
    if driver and command.order_id not in driver.active_orders:
        await ports.index.upsert_profile(driver)
