"""Builds what `verification_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.verification import FirestorePapers
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import RateLimiter
from shared.edge.settings import PaperSettings
from shared.verification.intake import Intake
from shared.verification.ports import DocumentVault


@cache
def settings() -> PaperSettings:
    """Return the settings of this process."""
    return PaperSettings()


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
def papers() -> FirestorePapers:
    """Return the papers of people and merchants."""
    return FirestorePapers(_cloud().documents)


@cache
def document_vault() -> DocumentVault:
    """Return the store of their files."""
    from shared.adapters.storage import Vault, cloud_storage

    own = settings()
    return cloud_storage(
        Vault(own.document_bucket, own.signing_account, own.storage_api_url, own.iam_api_url)
    )


@cache
def intake() -> Intake:
    """Return what takes their files in."""
    from shared.adapters.pictures import PictureCleaner

    return Intake(document_vault(), PictureCleaner())


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
    }
