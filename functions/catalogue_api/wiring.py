"""Builds what `catalogue_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.catalogue import FirestoreApplications, FirestoreMerchants, FirestoreStock
from shared.adapters.firestore.licences import FirestoreLicences
from shared.adapters.firestore.shop_blocks import FirestoreShopBlocks
from shared.adapters.firestore.staff import FirestoreStaff
from shared.adapters.firestore.zones import FirestoreZones, FirestoreZoneStore
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import ApprovalSettings
from shared.verification.requirements import RequirementPolicy


@cache
def settings() -> ApprovalSettings:
    """Return the settings of this process."""
    return ApprovalSettings()


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
    """Return the roles that were granted."""
    return FirestoreRoles(_cloud().database)


@cache
def merchants() -> FirestoreMerchants:
    """Return the merchants and their menus."""
    return FirestoreMerchants(_cloud().documents)


@cache
def staff() -> FirestoreStaff:
    """Return the staff of merchants."""
    return FirestoreStaff(_cloud().documents)


@cache
def applications() -> FirestoreApplications:
    """Return the applications of merchants."""
    return FirestoreApplications(_cloud().documents)


@cache
def licences() -> FirestoreLicences:
    """Return the licences of merchants."""
    own = settings()
    policy = RequirementPolicy(own.documents_required, own.required_licences)
    return FirestoreLicences(_cloud().database, policy)


@cache
def stock() -> FirestoreStock:
    """Return the stock of tracked items."""
    return FirestoreStock(_cloud().documents)


@cache
def blocks() -> FirestoreShopBlocks:
    """Return the blocks of merchants."""
    return FirestoreShopBlocks(_cloud().documents)


@cache
def zones() -> FirestoreZones:
    """Return the reads of service zones."""
    return FirestoreZones(_cloud().database)


@cache
def zone_store() -> FirestoreZoneStore:
    """Return the changes of service zones."""
    return FirestoreZoneStore(_cloud().documents)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
