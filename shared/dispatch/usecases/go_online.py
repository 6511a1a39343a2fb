"""Set a driver online."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.ports import DispatchStore, DriverDocuments, DriverIndex, Keys
from shared.dispatch.usecases.check_driver_documents import CheckDriverDocuments, check_driver_documents
from shared.kernel.decision import Decision
from shared.kernel.geo import Point


@dataclass(frozen=True, slots=True)
class GoOnline:
    """The driver and their position."""

    uid: str
    at: Point


async def go_online(
    command: GoOnline,
    *,
    store: DispatchStore,
    index: DriverIndex,
    driver_documents: DriverDocuments,
    now: datetime,
) -> Driver:
    """Set the driver online, add them to the index, and return them.

    Raises what `drivers.go_online` raises, and `Unavailable` when the index does not answer; call again
    then. A driver who does not call again is found later: a search without candidates marks the index as
    suspect, and their next position report adds them (see `DriverIndex.mark_suspect`).
    """

    until = await driver_documents.valid_until(command.uid, now)

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver]:
        driver = drivers.go_online(context.driver, command.at, until, now)
        return Decision(AssignmentContext(driver=driver), (), driver)

    driver = await store.change(Keys(driver=command.uid), decide)
    # The documents may have changed since they were read, and the event of it may have come before the
    # change above.
    if await driver_documents.valid_until(command.uid, now) != until:
        check = CheckDriverDocuments(command.uid)
        checked = await check_driver_documents(
            check, store=store, index=index, driver_documents=driver_documents, now=now
        )
        driver = checked or driver
    if driver.status is DriverStatus.ONLINE:
        await index.upsert_position(driver, command.at, now)
    return driver
