"""Builds what `operations_cron` needs, on first use."""

from functools import cache

from shared.adapters.cloud_tasks import CloudTasks, SweepTasks, Target
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings

FUNCTION = "operations_cron"


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def outbox() -> FirestoreOutbox:
    """Return the outbox."""
    return FirestoreOutbox(FirestoreDatabase(settings().google_cloud_project))


@cache
def publisher() -> PubSubPublisher:
    """Return the bus."""
    return PubSubPublisher(settings().google_cloud_project, settings().pubsub_emulator_host)


@cache
def _tasks() -> CloudTasks:
    own = settings()
    queue = f"projects/{own.google_cloud_project}/locations/{own.region}/queues/sweeps"
    target = Target(queue, own.function_urls[FUNCTION], own.invoker_email(FUNCTION))
    return CloudTasks(target, own.cloud_tasks_emulator_host)


@cache
def sweeps() -> SweepTasks:
    """Return the queue of later sweeps."""
    return SweepTasks(_tasks())


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    own = settings()
    return {
        "firestore": Dependency(FirestoreDatabase(own.google_cloud_project).ping),
        "pubsub": Dependency(PubSubPublisher(own.google_cloud_project, own.pubsub_emulator_host).ping),
        "cloud_tasks": Dependency(_tasks().ping),
    }
