"""A driver starts to take orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext, Verdict
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.ports import DispatchStore, DriverDocuments, DriverIndex, Keys
from shared.dispatch.usecases.check_driver_documents import CheckDriverDocuments, check_driver_documents
from shared.kernel.geo import Point


@dataclass(frozen=True, slots=True)
class GoOnline:
    """The driver, and where they are."""

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
    """Put the driver online and onto the map, and return them.

    Raises what `drivers.go_online` raises, and `Unavailable` when the index does not answer: a
    driver whom nobody can find is not online; asking again is safe. Who does not ask again is found
    all the same as soon as somebody waits for a driver and they report (see `DriverIndex.mark_suspect`).
    """

    until = await driver_documents.valid_until(command.uid, now)

    def decide(context: AssignmentContext) -> Verdict[Driver]:
        driver = drivers.go_online(context.driver, command.at, until, now)
        return Verdict(AssignmentContext(driver=driver), (), driver)

    driver = await store.change(Keys(driver=command.uid), decide)
    if (
        await driver_documents.valid_until(command.uid, now) != until
    ):  # and the news of it may have come before us
        check = CheckDriverDocuments(command.uid)
        driver = (
            await check_driver_documents(
                check, store=store, index=index, driver_documents=driver_documents, now=now
            )
            or driver
        )
    if driver.status is DriverStatus.ONLINE:
        await index.upsert_position(driver, command.at, now)
    return driver
