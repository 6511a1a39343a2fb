"""Map a driver of dispatch to the availability that tracking stores in the driver location index."""

from __future__ import annotations

from shared.dispatch.drivers import Driver
from shared.tracking.domain import DriverAvailability


def availability_of(driver: Driver) -> DriverAvailability:
    """Return the availability of a driver."""
    return DriverAvailability(
        driver_id=driver.id,
        status=driver.status,
        load=driver.load,
        load_cap=driver.load_cap,
        rating=driver.rating,
        acceptance=driver.acceptance,
        version=driver.version,
    )
