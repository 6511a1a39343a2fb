"""Builds what `orders_api` needs, on first use."""

from functools import cache

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.orders import FirestoreCatalogue, FirestoreOrders, FirestoreQuotes
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.settings import Settings


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


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
    return FirestoreCatalogue(_store().database)
