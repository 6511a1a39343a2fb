"""Builds what `payments_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.gateways.upi import UpiGateway, open_client
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import Gate
from shared.edge.settings import PaymentSettings
from shared.payments.ports import PaymentStore


@cache
def settings() -> PaymentSettings:
    """Return the settings of this process."""
    return PaymentSettings()


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
    """Return the store of account statuses: ended sessions and closed accounts."""
    return FirestoreRoles(_cloud().database)


@cache
def store() -> PaymentStore:
    """Return the store of payments and refunds."""
    return FirestorePayments(_cloud().documents)


@cache
def gateway() -> UpiGateway:
    """Return the payment provider."""
    own = settings()
    return UpiGateway(open_client(own.upi_api_url, own.upi_key_id, own.upi_key_secret.get_secret_value()))


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis()), needed=False),
        "gateway": Dependency(gateway().ping),
    }
