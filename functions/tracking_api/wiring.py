"""Builds what `tracking_api` needs, on first use."""

from functools import cache

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.redis_map import connect
from shared.adapters.redis_positions import RedisPositions
from shared.edge.settings import Settings
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


@cache
def drivers() -> DriverRecords:
    """Return the drivers' records; imported late, since most instances never lose a driver."""
    from shared.adapters.firestore.client import FirestoreDatabase
    from shared.adapters.firestore.tracking import FirestoreDriverRecords

    return FirestoreDriverRecords(FirestoreDatabase(settings().google_cloud_project))
