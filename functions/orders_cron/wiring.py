"""Builds what `orders_cron` needs, on first use."""

from functools import cache

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firestore.orders import FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.orders.recurrences.usecases.place_occurrences import PlacementPorts


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def orders() -> FirestoreOrders:
    """Return the store of orders."""
    return FirestoreOrders(_cloud().documents)


@cache
def placement() -> PlacementPorts:
    """Return the ports that placing an occurrence needs."""
    documents = _cloud().documents
    return PlacementPorts(
        catalogue=FirestoreCatalogue(_cloud().database),
        quotes=FirestoreQuotes(documents),
        orders=orders(),
        recurrences=FirestoreRecurrences(documents),
    )


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
    }
