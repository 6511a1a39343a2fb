"""Builds what `profiles_api` needs, on first use."""

from functools import cache, partial

from pydantic import SecretStr
from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import (
    FirestoreAccounts,
    FirestoreInbox,
    FirestoreRoles,
)
from shared.adapters.firestore.addresses import FirestoreAddresses
from shared.adapters.firestore.sessions import FirestoreSessions
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import Settings
from shared.profiles.ports import Geocoder


class ProfileSettings(Settings):
    """The geocoder and our API key for it."""

    maps_api_url: str = "https://maps.googleapis.com"
    maps_api_key: SecretStr


@cache
def settings() -> ProfileSettings:
    """Return the settings of this process."""
    return ProfileSettings()


@cache
def _redis() -> Redis:
    return connect(settings().redis_url)


@cache
def rate_limiter() -> RateLimiter:
    """Return what keeps the rate limits."""
    return RateLimiter(RedisBuckets(_redis()), settings())


@cache
def tokens() -> FirebaseTokens:
    """Return the verifier of ID tokens."""
    return FirebaseTokens(settings().google_cloud_project, settings().firebase_auth_emulator_host)


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def roles() -> FirestoreRoles:
    """Return the roles that were granted, and how people stand."""
    return FirestoreRoles(_cloud().database)


@cache
def accounts() -> FirestoreAccounts:
    """Return the people and their devices."""
    return FirestoreAccounts(_cloud().documents)


@cache
def addresses() -> FirestoreAddresses:
    """Return people's address books."""
    return FirestoreAddresses(_cloud().documents)


@cache
def sessions() -> FirestoreSessions:
    """Return people's sign-ins."""
    return FirestoreSessions(_cloud().documents)


@cache
def geocoder() -> Geocoder:
    """Return the map."""
    from shared.adapters.maps import GoogleMaps

    return GoogleMaps(settings().maps_api_url, settings().maps_api_key.get_secret_value())


@cache
def inbox() -> FirestoreInbox:
    """Return the notifications that people got."""
    return FirestoreInbox(_cloud().database)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
