"""Builds what `operations_cron` needs, on first use."""

from functools import cache

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.cloud_tasks import CloudTasks, SweepTasks, open_queue
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.kernel.event import Publisher

FUNCTION = "operations_cron"


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def _tasks() -> CloudTasks:
    return open_queue("sweeps", FUNCTION, settings())


@cache
def outbox() -> FirestoreOutbox:
    """Return the outbox."""
    return FirestoreOutbox(_cloud().database)


@cache
def publisher() -> Publisher:
    """Return the bus."""
    return _cloud().bus


@cache
def sweeps() -> SweepTasks:
    """Return the queue of later sweeps."""
    return SweepTasks(_tasks())


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping),
        "cloud_tasks": Dependency(_tasks().ping),
    }
