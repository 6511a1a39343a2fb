"""Count a review of a driver once."""

from __future__ import annotations

from dataclasses import dataclass

from shared.dispatch import drivers
from shared.dispatch.drivers import Driver, DriverNotFound
from shared.dispatch.ports import DispatchStore, DriverIndex


@dataclass(frozen=True, slots=True)
class CountReview:
    """A review of a driver, 1 to 5 stars."""

    driver_id: str
    review_id: str
    stars: int


async def count_review(command: CountReview, *, store: DispatchStore, index: DriverIndex) -> Driver:
    """Add the stars to the driver's rating unless they were added before; return the driver.

    Raises `DriverNotFound`, and `Unavailable` until the index was updated.
    """
    driver = await store.count_review(
        command.driver_id, command.review_id, lambda found: drivers.rate(found, command.stars)
    )
    if driver is None:
        raise DriverNotFound
    await index.upsert_profile(driver)
    return driver
