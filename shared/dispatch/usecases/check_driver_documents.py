"""A paper of somebody was approved, rejected, or has ended: if they drive, it may end that, or go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.domain import AssignmentContext, Verdict
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.ports import DispatchStore, DriverDocuments, DriverIndex, Keys


@dataclass(frozen=True, slots=True)
class CheckDriverDocuments:
    """Whose papers have changed."""

    uid: str


async def check_driver_documents(
    command: CheckDriverDocuments,
    *,
    store: DispatchStore,
    index: DriverIndex,
    driver_documents: DriverDocuments,
    now: datetime,
) -> Driver | None:
    """Look at the papers as they are now, so that the order of the news does not matter.

    Return the driver, if the person is one. Whoever is offline is looked at when they go online.
    Raises `Unavailable` until the index was updated.
    """
    until = await driver_documents.valid_until(command.uid, now)

    def decide(context: AssignmentContext) -> Verdict[Driver | None]:
        driver = context.driver
        if driver is None or driver.status is DriverStatus.OFFLINE or until is None:
            return Verdict(context, (), driver)
        after = drivers.check_driver_documents(driver, until, now)
        return Verdict(AssignmentContext(driver=after), (), after)

    driver = await store.change(Keys(driver=command.uid), decide)
    if driver:
        await index.upsert_profile(driver)
    return driver
