"""Builds what `tracking_api` needs, on first use."""

from functools import cache

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.redis_map import connect
from shared.adapters.redis_positions import RedisPositions
from shared.edge.settings import Settings
from shared.tracking.domain import Standing
from shared.tracking.ports import DriverRecords


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def tokens() -> FirebaseTokens:
    """Return the verifier of ID tokens."""
    return FirebaseTokens(settings().google_cloud_project, settings().firebase_auth_emulator_host)


@cache
def positions() -> RedisPositions:
    """Return the map of drivers."""
    return RedisPositions(connect(settings().redis_url))


class _LateDrivers:
    """`DriverRecords` that opens the database on the first look-up: most instances never need one."""

    async def standing(self, driver_id: str) -> Standing | None:
        """See `DriverRecords.standing`."""
        return await _records().standing(driver_id)


@cache
def _records() -> DriverRecords:
    from shared.adapters.firestore.client import FirestoreDatabase
    from shared.adapters.firestore.tracking import FirestoreDriverRecords

    return FirestoreDriverRecords(FirestoreDatabase(settings().google_cloud_project))


@cache
def drivers() -> DriverRecords:
    """Return the drivers' records."""
    return _LateDrivers()
