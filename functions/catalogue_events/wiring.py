"""Builds what `catalogue_events` needs, on first use."""

from functools import cache

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.licences import FirestoreLicences
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import ApprovalSettings
from shared.verification.requirements import RequirementPolicy


@cache
def settings() -> ApprovalSettings:
    """Return the settings of this process."""
    return ApprovalSettings()


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def merchants() -> FirestoreMerchants:
    """Return the merchants."""
    return FirestoreMerchants(_cloud().documents)


@cache
def licences() -> FirestoreLicences:
    """Return the licences of merchants."""
    own = settings()
    policy = RequirementPolicy(own.documents_required, own.required_licences)
    return FirestoreLicences(_cloud().database, policy)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
    }
