"""`DriverRecords` over `drivers/{uid}`."""

from __future__ import annotations

from shared.adapters.firestore.codec import Kind
from shared.adapters.firestore.database import Database
from shared.dispatch.drivers import Driver
from shared.tracking.domain import DriverAvailability

DRIVERS = Kind("drivers", Driver)


class FirestoreDriverRecords:
    """See `shared.tracking.ports.DriverRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        """See `DriverRecords.availability`. One read."""
        driver = DRIVERS.find(await self._database.get_all([DRIVERS.path(driver_id)]), driver_id)
        if driver is None:
            return None
        return DriverAvailability(
            driver_id=driver.id,
            status=driver.status,
            load=driver.load,
            load_cap=driver.load_cap,
            rating=driver.rating,
            acceptance=driver.acceptance,
            version=driver.version,
        )
