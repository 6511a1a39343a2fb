"""Check a driver's verification documents after one of them was approved, rejected or expired."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.departures import leave
from shared.dispatch.domain import AssignmentContext
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.ports import DispatchStore, DriverDocuments, DriverIndex, Keys
from shared.kernel.decision import Decision


@dataclass(frozen=True, slots=True)
class CheckDriverDocuments:
    """The user whose documents have changed."""

    uid: str


async def check_driver_documents(
    command: CheckDriverDocuments,
    *,
    store: DispatchStore,
    index: DriverIndex,
    driver_documents: DriverDocuments,
    now: datetime,
) -> Driver | None:
    """Set a driver without valid documents offline, and end their outstanding offer at once.

    Return the driver, or None when the user is none.

    It reads the documents as they are now, so that the order of events does not matter. The documents of
    an offline driver are checked when they go online. Raises `Unavailable` until the index was updated.
    """
    until = await driver_documents.valid_until(command.uid, now)

    ended: list[str] = []

    def decide(context: AssignmentContext) -> Decision[AssignmentContext, Driver | None]:
        driver = context.driver
        ended.clear()
        # mutant: driver-revocation-unseen
        if driver is None or driver.status is DriverStatus.OFFLINE or until is None:
            return Decision(context, (), driver)
        after = drivers.update_documents(driver, until, now)
        if after.status is not DriverStatus.OFFLINE:
            return Decision(replace(context, driver=after), (), after)
        ended.extend([context.offer.id] if context.offer else [])
        return leave(context, after, now)

    driver = await store.change(Keys(driver=command.uid, outstanding=True), decide)
    if driver:
        await index.upsert_profile(driver)
        for offer in ended:
            await index.release(driver.id, offer)
    return driver
