"""`DriverRecords` over `drivers/{uid}`."""

from __future__ import annotations

from shared.adapters.driver_availability import availability_of
from shared.adapters.firestore.codec import Collection
from shared.adapters.firestore.database import Database
from shared.dispatch.drivers import Driver
from shared.tracking.domain import DriverAvailability

DRIVERS = Collection("drivers", Driver)


class FirestoreDriverRecords:
    """Implement `shared.tracking.ports.DriverRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        """See `DriverRecords.availability`. One read."""
        driver = DRIVERS.find(await self._database.get_all([DRIVERS.path(driver_id)]), driver_id)
        return availability_of(driver) if driver else None
