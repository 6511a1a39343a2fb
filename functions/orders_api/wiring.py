"""Builds what `orders_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.orders import FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.adapters.firestore.tips import FirestoreTips
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import Gate
from shared.edge.settings import Settings


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def _redis() -> Redis:
    return connect(settings().redis_url)


@cache
def gate() -> Gate:
    """Return what keeps the rate limits."""
    return Gate(RedisBuckets(_redis()), settings())


@cache
def tokens() -> FirebaseTokens:
    """Return the verifier of ID tokens."""
    return FirebaseTokens(settings().google_cloud_project, settings().firebase_auth_emulator_host)


@cache
def _database() -> FirestoreDatabase:
    return FirestoreDatabase(settings().google_cloud_project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(settings().google_cloud_project, settings().pubsub_emulator_host)


@cache
def _store() -> DocumentStore:
    return DocumentStore(_database(), _publisher())


@cache
def roles() -> FirestoreRoles:
    """Return how people stand: whether their sign-in was ended, or their account closed."""
    return FirestoreRoles(_database())


@cache
def orders() -> FirestoreOrders:
    """Return the store of orders."""
    return FirestoreOrders(_store())


@cache
def quotes() -> FirestoreQuotes:
    """Return the store of quotes."""
    return FirestoreQuotes(_store())


@cache
def catalogue() -> FirestoreCatalogue:
    """Return the merchants and their menus."""
    return FirestoreCatalogue(_database())


@cache
def recurrences() -> FirestoreRecurrences:
    """Return the store of recurring orders."""
    return FirestoreRecurrences(_store())


@cache
def tips() -> FirestoreTips:
    """Return the store of tips after delivery."""
    return FirestoreTips(_store())


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_database().ping),
        "pubsub": Dependency(_publisher().ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
