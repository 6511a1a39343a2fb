"""Builds what `dispatch_events` needs, on first use."""

from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.cloud_tasks import CloudTasks
from shared.adapters.dispatch_ports import open_deadlines, open_dispatch_ports
from shared.adapters.firestore.licences import FirestoreDriverPapers
from shared.adapters.redis_client import connect, ping
from shared.dispatch.ports import DispatchPorts
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import ApprovalSettings


@cache
def settings() -> ApprovalSettings:
    """Return the settings of this process."""
    return ApprovalSettings()


@cache
def _redis() -> Redis:
    return connect(settings().redis_url)


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def _tasks() -> CloudTasks:
    return open_deadlines(settings())


@cache
def ports() -> DispatchPorts:
    """Return everything that looking for a driver takes."""
    return open_dispatch_ports(_cloud().documents, _redis(), _tasks(), settings().offer_seconds)


@cache
def driver_documents() -> FirestoreDriverPapers:
    """Return what drivers have shown."""
    return FirestoreDriverPapers(_cloud().database, required=settings().documents_required)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "redis": Dependency(partial(ping, _redis())),
        "cloud_tasks": Dependency(_tasks().ping),
    }
