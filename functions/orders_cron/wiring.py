"""Builds what `orders_cron` needs, on first use."""

from functools import cache

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.orders import FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.orders.usecases.place_turns import Shops


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


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
def orders() -> FirestoreOrders:
    """Return the store of orders."""
    return FirestoreOrders(_store())


@cache
def shops() -> Shops:
    """Return what placing recurring orders takes."""
    store = _store()
    return Shops(
        catalogue=FirestoreCatalogue(_database()),
        quotes=FirestoreQuotes(store),
        orders=orders(),
        recurrences=FirestoreRecurrences(store),
    )


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_database().ping),
        "pubsub": Dependency(_publisher().ping, needed=False),
    }
