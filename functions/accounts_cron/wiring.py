"""Builds what `accounts_cron` needs, on first use."""

from functools import cache

from shared.accounts.paper_ports import DocumentVault
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.documents import FirestorePapers
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings


class PaperSettings(Settings):
    """The bucket of people's papers, and the service account in whose name its URLs are signed."""

    document_bucket: str
    signing_account: str
    storage_api_url: str = "https://storage.googleapis.com"
    iam_api_url: str = "https://iamcredentials.googleapis.com"


@cache
def settings() -> PaperSettings:
    """Return the settings of this process."""
    return PaperSettings()


@cache
def _database() -> FirestoreDatabase:
    return FirestoreDatabase(settings().google_cloud_project)


@cache
def _publisher() -> PubSubPublisher:
    return PubSubPublisher(settings().google_cloud_project, settings().pubsub_emulator_host)


@cache
def papers() -> FirestorePapers:
    """Return the papers of people and merchants."""
    return FirestorePapers(DocumentStore(_database(), _publisher()))


@cache
def document_vault() -> DocumentVault:
    """Return the store of their files."""
    from shared.adapters.storage import Vault, cloud_storage

    own = settings()
    return cloud_storage(
        Vault(own.document_bucket, own.signing_account, own.storage_api_url, own.iam_api_url)
    )


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_database().ping),
        "pubsub": Dependency(_publisher().ping, needed=False),
    }
