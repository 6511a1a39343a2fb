"""The `DispatchPorts` of the functions that search for a driver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from shared.adapters.cloud_tasks import CloudTasks, OfferDeadlines, QueueSettings, open_queue
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.redis_driver_index import RedisDriverIndex
from shared.dispatch.matching import Config, sequential
from shared.dispatch.ports import Deadlines, DispatchStore, DriverIndex, Matcher


@dataclass(frozen=True, slots=True)
class OpenDispatchPorts:
    """Implement `shared.dispatch.ports.DispatchPorts`."""

    store: DispatchStore
    index: DriverIndex
    deadlines: Deadlines
    matcher: Matcher
    config: Config


def open_deadlines(settings: QueueSettings) -> CloudTasks:
    """Open the queue of the deadlines of offers and searches, inside the running event loop."""
    return open_queue("offers", "dispatch_tasks", settings)


def open_dispatch_ports(
    documents: DocumentStore, redis: Redis, tasks: CloudTasks, offer_seconds: float
) -> OpenDispatchPorts:
    """Return the ports of the search for a driver; an offer expires after `offer_seconds`."""
    return OpenDispatchPorts(
        store=FirestoreDispatch(documents),
        index=RedisDriverIndex(redis),
        deadlines=OfferDeadlines(tasks),
        matcher=sequential,
        config=Config(offer_timeout=timedelta(seconds=offer_seconds)),
    )
