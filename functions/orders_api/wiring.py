"""Builds what `orders_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.orders import FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.adapters.firestore.substitutions import FirestoreSubstitutions
from shared.adapters.firestore.tips import FirestoreTips
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import Settings


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


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
    """Return how people stand: whether their sign-in was ended, or their account closed."""
    return FirestoreRoles(_cloud().database)


@cache
def orders() -> FirestoreOrders:
    """Return the store of orders."""
    return FirestoreOrders(_cloud().documents)


@cache
def quotes() -> FirestoreQuotes:
    """Return the store of quotes."""
    return FirestoreQuotes(_cloud().documents)


@cache
def catalogue() -> FirestoreCatalogue:
    """Return the merchants and their menus."""
    return FirestoreCatalogue(_cloud().database)


@cache
def recurrences() -> FirestoreRecurrences:
    """Return the store of recurrences."""
    return FirestoreRecurrences(_cloud().documents)


@cache
def substitutions() -> FirestoreSubstitutions:
    """Return the store of substitutions."""
    return FirestoreSubstitutions(_cloud().documents)


@cache
def tips() -> FirestoreTips:
    """Return the store of tips after delivery."""
    return FirestoreTips(_cloud().documents)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
