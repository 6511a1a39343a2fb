"""A driver starts to take orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.dispatch import drivers
from shared.dispatch.domain import Case, Verdict
from shared.dispatch.drivers import Driver
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.kernel.geo import Point


@dataclass(frozen=True, slots=True)
class GoOnline:
    """The driver, and where they are."""

    uid: str
    at: Point


async def go_online(command: GoOnline, *, store: DispatchStore, index: DriverIndex, now: datetime) -> Driver:
    """Put the driver online and onto the map, and return them.

    Raises what `drivers.go_online` raises, and `Unavailable` when the index does not answer: a
    driver whom nobody can find is not online; asking again is safe.
    """

    def decide(case: Case) -> Verdict[Driver]:
        driver = drivers.go_online(case.driver, command.at)
        return Verdict(Case(driver=driver), (), driver)

    driver = await store.change(Keys(driver=command.uid), decide)
    await index.place(driver, command.at, now)
    return driver
