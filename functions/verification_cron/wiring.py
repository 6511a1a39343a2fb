"""Builds what `verification_cron` needs, on first use."""

from functools import cache

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firestore.verification import FirestorePapers
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import PaperSettings
from shared.verification.ports import DocumentVault


@cache
def settings() -> PaperSettings:
    """Return the settings of this process."""
    return PaperSettings()


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


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
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
    }
