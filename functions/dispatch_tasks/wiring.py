"""Builds what `dispatch_tasks` needs, on first use."""

from datetime import timedelta
from functools import cache

from shared.adapters.cloud_tasks import CloudTasks, OfferDeadlines, Target
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis_geo import RedisDriverIndex
from shared.adapters.redis_map import connect
from shared.dispatch.matching import Config, sequential
from shared.dispatch.ports import Desk
from shared.edge.settings import Settings

DEADLINES_GO_TO = "dispatch_tasks"


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def desk() -> Desk:
    """Return everything that looking for a driver takes."""
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return Desk(
        store=FirestoreDispatch(DocumentStore(FirestoreDatabase(project), publisher)),
        index=RedisDriverIndex(connect(settings().redis_url)),
        deadlines=_deadlines(),
        matcher=sequential,
        config=Config(offer_time=timedelta(seconds=settings().offer_seconds)),
    )


def _deadlines() -> OfferDeadlines:
    own = settings()
    queue = f"projects/{own.google_cloud_project}/locations/{own.region}/queues/offers"
    target = Target(queue, own.function_urls[DEADLINES_GO_TO], own.invoker_email(DEADLINES_GO_TO))
    return OfferDeadlines(CloudTasks(target, own.cloud_tasks_emulator_host))
