"""Builds what `reviews_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.blocks import FirestoreBlocks
from shared.adapters.firestore.reviews import FirestoreOrderCounts, FirestoreReviews
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
    """Return the roles that were granted, and how people stand."""
    return FirestoreRoles(_cloud().database)


@cache
def reviews() -> FirestoreReviews:
    """Return what people wrote about one another."""
    return FirestoreReviews(_cloud().documents)


@cache
def order_counts() -> FirestoreOrderCounts:
    """Return how many orders people have had."""
    return FirestoreOrderCounts(_cloud().documents)


@cache
def blocks() -> FirestoreBlocks:
    """Return who does not want to meet whom."""
    return FirestoreBlocks(_cloud().documents)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
