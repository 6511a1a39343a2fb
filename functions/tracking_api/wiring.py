"""Builds what `tracking_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_positions import RedisPositions
from shared.edge.health import Dependencies, Dependency
from shared.edge.local_buckets import LocalBuckets
from shared.edge.ratelimit import Gate
from shared.edge.settings import Settings
from shared.tracking.domain import DriverAvailability
from shared.tracking.ports import DriverRecords


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def _redis() -> Redis:
    return connect(settings().redis_url)


@cache
def gate() -> Gate:
    """Return what keeps the rate limits: by this process alone, since a report may cost one round trip."""
    return Gate(LocalBuckets(), settings())


@cache
def tokens() -> FirebaseTokens:
    """Return the verifier of ID tokens."""
    return FirebaseTokens(settings().google_cloud_project, settings().firebase_auth_emulator_host)


@cache
def positions() -> RedisPositions:
    """Return the map of drivers."""
    return RedisPositions(_redis())


class _LateDrivers:
    """`DriverRecords` that opens the database on the first look-up: most instances never need one."""

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        """See `DriverRecords.availability`."""
        return await _records().availability(driver_id)


@cache
def _records() -> DriverRecords:
    from shared.adapters.firestore.client import FirestoreDatabase
    from shared.adapters.firestore.tracking import FirestoreDriverRecords

    return FirestoreDriverRecords(FirestoreDatabase(settings().google_cloud_project))


@cache
def drivers() -> DriverRecords:
    """Return the drivers' records."""
    return _LateDrivers()


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks; the database is needed when Redis has forgotten a driver."""
    from shared.adapters.firestore.client import FirestoreDatabase

    return {
        "redis": Dependency(partial(ping, _redis())),
        "firestore": Dependency(FirestoreDatabase(settings().google_cloud_project).ping, needed=False),
    }
