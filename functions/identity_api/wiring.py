"""Builds what `identity_api` needs, on first use."""

from functools import cache, partial

from pydantic import SecretStr
from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import (
    FirestoreAccounts,
    FirestoreRoles,
)
from shared.adapters.firestore.sessions import FirestoreSecondFactors, FirestoreSessions
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import Settings
from shared.identity.ports import IdentityProvider, SecretVault


class IdentitySettings(Settings):
    """The keys that encrypt the secrets of second factors (`name:hex,…`, the newest first)."""

    second_factor_keys: SecretStr


@cache
def settings() -> IdentitySettings:
    """Return the settings of this process."""
    return IdentitySettings()


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
def sessions() -> FirestoreSessions:
    """Return people's sign-ins."""
    return FirestoreSessions(_cloud().documents)


@cache
def second_factors() -> FirestoreSecondFactors:
    """Return people's second factors."""
    return FirestoreSecondFactors(_cloud().documents)


@cache
def vault() -> SecretVault:
    """Return what seals the secrets of second factors."""
    from shared.adapters.vault import AesGcmVault, parse_keys

    return AesGcmVault(parse_keys(settings().second_factor_keys.get_secret_value()))


@cache
def identities() -> IdentityProvider:
    """Return the service that signs people in."""
    from shared.adapters.identity_toolkit import identity_toolkit

    return identity_toolkit(settings().google_cloud_project, settings().firebase_auth_emulator_host)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
