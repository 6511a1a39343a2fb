"""A paper of somebody was approved, rejected, or has ended: if they drive, it may end that, or go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.domain import Case, Verdict
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys, Papers


@dataclass(frozen=True, slots=True)
class CheckPapers:
    """Whose papers have changed."""

    uid: str


async def check_papers(
    command: CheckPapers, *, store: DispatchStore, index: DriverIndex, papers: Papers, now: datetime
) -> Driver | None:
    """Look at the papers as they are now, so that the order of the news does not matter.

    Return the driver, if the person is one. Whoever is offline is looked at when they go online.
    Raises `Unavailable` until the index has heard.
    """
    until = await papers.good_until(command.uid, now)

    def decide(case: Case) -> Verdict[Driver | None]:
        driver = case.driver
        if driver is None or driver.status is DriverStatus.OFFLINE or until is None:
            return Verdict(case, (), driver)
        after = drivers.check_papers(driver, until, now)
        return Verdict(Case(driver=after), (), after)

    driver = await store.change(Keys(driver=command.uid), decide)
    if driver:
        await index.describe(driver)
    return driver
