"""Builds what `catalogue_events` needs, on first use."""

from functools import cache

from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.licences import FirestoreLicences
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings


class CatalogueSettings(Settings):
    """Whether merchants need an approved licence to be open."""

    documents_required: bool = True


@cache
def settings() -> CatalogueSettings:
    """Return the settings of this process."""
    return CatalogueSettings()


@cache
def merchants() -> FirestoreMerchants:
    """Return the merchants."""
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return FirestoreMerchants(DocumentStore(FirestoreDatabase(project), publisher))


@cache
def licences() -> FirestoreLicences:
    """Return what merchants have shown."""
    database = FirestoreDatabase(settings().google_cloud_project)
    return FirestoreLicences(database, required=settings().documents_required)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    own = settings()
    return {
        "firestore": Dependency(FirestoreDatabase(own.google_cloud_project).ping),
        "pubsub": Dependency(
            PubSubPublisher(own.google_cloud_project, own.pubsub_emulator_host).ping, needed=False
        ),
    }
