"""Builds what `dispatch_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.firestore.licences import FirestoreDriverPapers
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import Gate
from shared.edge.settings import ApprovalSettings


@cache
def settings() -> ApprovalSettings:
    """Return the settings of this process."""
    return ApprovalSettings()


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
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def roles() -> FirestoreRoles:
    """Return the role book."""
    return FirestoreRoles(_cloud().database)


@cache
def store() -> FirestoreDispatch:
    """Return orders, offers and drivers."""
    return FirestoreDispatch(_cloud().documents)


@cache
def driver_documents() -> FirestoreDriverPapers:
    """Return what drivers have shown."""
    return FirestoreDriverPapers(_cloud().database, required=settings().documents_required)


@cache
def index() -> RedisDriverIndex:
    """Return the map of drivers."""
    return RedisDriverIndex(_redis())


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis())),
    }
