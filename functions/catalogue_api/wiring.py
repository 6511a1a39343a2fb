"""Builds what `catalogue_api` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.catalogue import FirestoreMerchantDesk, FirestoreMerchants, FirestoreStock
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.licences import FirestoreLicences
from shared.adapters.firestore.zones import FirestoreZoneBook, FirestoreZones
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_ratelimit import RedisBuckets
from shared.edge.health import Dependencies, Dependency
from shared.edge.ratelimit import Gate
from shared.edge.settings import Settings


class CatalogueSettings(Settings):
    """Whether merchants need an approved licence to be open."""

    documents_required: bool = True


@cache
def settings() -> CatalogueSettings:
    """Return the settings of this process."""
    return CatalogueSettings()


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
def _store() -> DocumentStore:
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return DocumentStore(FirestoreDatabase(project), publisher)


@cache
def roles() -> FirestoreRoles:
    """Return the roles that were granted."""
    return FirestoreRoles(_store().database)


@cache
def merchants() -> FirestoreMerchants:
    """Return the merchants and their menus."""
    return FirestoreMerchants(_store())


@cache
def desk() -> FirestoreMerchantDesk:
    """Return the merchants as admins decide about them."""
    return FirestoreMerchantDesk(_store())


@cache
def licences() -> FirestoreLicences:
    """Return what merchants have shown."""
    return FirestoreLicences(_store().database, required=settings().documents_required)


@cache
def stock() -> FirestoreStock:
    """Return how much there is of what is counted."""
    return FirestoreStock(_store())


@cache
def zones() -> FirestoreZones:
    """Return where orders are delivered."""
    return FirestoreZones(_store().database)


@cache
def zone_book() -> FirestoreZoneBook:
    """Return where zones are kept."""
    return FirestoreZoneBook(_store())


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
    }
