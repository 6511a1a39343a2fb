"""Builds what `dispatch_events` needs, on first use."""

from datetime import timedelta
from functools import cache, partial

from redis.asyncio import Redis

from shared.adapters.cloud_tasks import CloudTasks, OfferDeadlines, Target
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.firestore.licences import FirestoreDriverPapers
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis_client import connect, ping
from shared.adapters.redis_geo import RedisDriverIndex
from shared.dispatch.matching import Config, sequential
from shared.dispatch.ports import Desk
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings

DEADLINES_GO_TO = "dispatch_tasks"


class DispatchSettings(Settings):
    """Whether drivers need approved papers to stay online."""

    documents_required: bool = True


@cache
def settings() -> DispatchSettings:
    """Return the settings of this process."""
    return DispatchSettings()


@cache
def _redis() -> Redis:
    return connect(settings().redis_url)


@cache
def desk() -> Desk:
    """Return everything that looking for a driver takes."""
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return Desk(
        store=FirestoreDispatch(DocumentStore(FirestoreDatabase(project), publisher)),
        index=RedisDriverIndex(_redis()),
        deadlines=OfferDeadlines(_tasks()),
        matcher=sequential,
        config=Config(offer_time=timedelta(seconds=settings().offer_seconds)),
    )


@cache
def papers() -> FirestoreDriverPapers:
    """Return what drivers have shown."""
    database = FirestoreDatabase(settings().google_cloud_project)
    return FirestoreDriverPapers(database, required=settings().documents_required)


@cache
def _tasks() -> CloudTasks:
    own = settings()
    queue = f"projects/{own.google_cloud_project}/locations/{own.region}/queues/offers"
    target = Target(queue, own.function_urls[DEADLINES_GO_TO], own.invoker_email(DEADLINES_GO_TO))
    return CloudTasks(target, own.cloud_tasks_emulator_host)


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    own = settings()
    return {
        "firestore": Dependency(FirestoreDatabase(own.google_cloud_project).ping),
        "pubsub": Dependency(
            PubSubPublisher(own.google_cloud_project, own.pubsub_emulator_host).ping, needed=False
        ),
        "redis": Dependency(partial(ping, _redis())),
        "cloud_tasks": Dependency(_tasks().ping),
    }
