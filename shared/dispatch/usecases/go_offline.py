"""Set a driver offline; their active orders stay theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.departures import leave
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver
from shared.dispatch.index import update_index
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class GoOffline:
    """The driver."""

    uid: str


async def go_offline(
    command: GoOffline, *, store: DispatchStore, index: DriverIndex, now: datetime
) -> Driver:
    """Set the driver offline and return them; their outstanding offer ends at once, and is no miss.

    The event `OfferWithdrawn` continues the search. Raises `DriverNotRegistered`.
    """
    ended: list[str] = []

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver]:
        ended[:] = [context.offer.id] if context.offer else []
        return leave(context, drivers.go_offline(context.driver), now)

    driver = await store.change(Keys(driver=command.uid, outstanding=True), decide)
    await update_index(index, driver, answered=next(iter(ended), None))
    return driver
