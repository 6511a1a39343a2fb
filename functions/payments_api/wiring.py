"""Builds what `payments_api` needs, on first use."""

from functools import cache, partial

from pydantic import SecretStr
from redis.asyncio import Redis

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.gateways.upi import UpiGateway, open_client
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import Gate
from shared.edge.settings import Settings
from shared.payments.ports import PaymentGateway, PaymentStore


class PaymentSettings(Settings):
    """Where the payment provider is, and our key to it."""

    upi_api_url: str
    upi_key_id: str
    upi_key_secret: SecretStr


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
def _documents() -> DocumentStore:
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return DocumentStore(FirestoreDatabase(project), publisher)


@cache
def roles() -> FirestoreRoles:
    """Return how people stand: whether their sign-in was ended, or their account closed."""
    return FirestoreRoles(_documents().database)


@cache
def store() -> PaymentStore:
    """Return the books."""
    return FirestorePayments(_documents())


@cache
def _upi() -> UpiGateway:
    key = settings().upi_key_secret.get_secret_value()
    return UpiGateway(open_client(settings().upi_api_url, settings().upi_key_id, key))


def gateway() -> PaymentGateway:
    """Return the payment provider."""
    return _upi()


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    own = settings()
    return {
        "firestore": Dependency(FirestoreDatabase(own.google_cloud_project).ping),
        "pubsub": Dependency(
            PubSubPublisher(own.google_cloud_project, own.pubsub_emulator_host).ping, needed=False
        ),
        "redis": Dependency(partial(ping, _redis()), needed=False),
        "gateway": Dependency(_upi().ping),
    }
