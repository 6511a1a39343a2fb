"""The functions' composition roots, for the length of a run: the same routes over simulated ports."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from shared.adapters.cloud_tasks import CloudTasks, OfferDeadlines, SweepTasks
from shared.adapters.firestore.accounts import FirestoreAccounts, FirestoreReviews
from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.firestore.notifications import FirestoreDevices, FirestoreInbox
from shared.adapters.firestore.orders import FirestoreCatalogue, FirestoreOrders, FirestoreQuotes
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.firestore.tracking import FirestoreDriverRecords
from shared.dispatch.matching import Config, sequential
from shared.dispatch.ports import Desk
from shared.kernel.ids import NewId
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import SimulatedDatabase
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.map import SimulatedMap
from tests.simulation.ports.phones import SimulatedPush
from tests.simulation.ports.tasks import SimulatedTasks
from tests.simulation.process import local_time

CONFIG = Config(offer_time=timedelta(seconds=20), patience=timedelta(minutes=2))
"""Shorter than in production, so that a run sees more offers and more searches end."""

CLOCKED = (
    "accounts_api.routes",
    "dispatch_api.routes",
    "dispatch_cron.routes",
    "dispatch_events.routes",
    "dispatch_tasks.routes",
    "notifications_events.handlers",
    "operations_cron.routes",
    "orders_api.routes",
    "payments_api.routes",
    "payments_cron.routes",
    "payments_events.routes",
    "payments_webhooks.routes",
)
"""The modules that ask for the time."""


@dataclass(frozen=True)
class Ports:
    """Everything that production code reaches out to."""

    database: SimulatedDatabase
    documents: DocumentStore
    bus: SimulatedBus
    tasks: SimulatedTasks
    map: SimulatedMap
    gateway: SimulatedGateway
    push: SimulatedPush
    ids: NewId


def provided(ports: Ports) -> Mapping[str, Mapping[str, Any]]:
    """Return, by function, what its `wiring` gives out."""
    documents, database = ports.documents, ports.database
    dispatch = FirestoreDispatch(documents)
    tasks = cast(CloudTasks, ports.tasks)
    desk = {"desk": Desk(dispatch, ports.map, OfferDeadlines(tasks), sequential, CONFIG)}
    payments = {"store": FirestorePayments(documents), "gateway": ports.gateway}
    operations = {"outbox": FirestoreOutbox(database), "publisher": ports.bus, "sweeps": SweepTasks(tasks)}
    notifications = {
        "devices": FirestoreDevices(database),
        "push": ports.push,
        "inbox": FirestoreInbox(database),
    }
    orders = {
        "orders": FirestoreOrders(documents),
        "quotes": FirestoreQuotes(documents),
        "catalogue": FirestoreCatalogue(database),
    }
    return {
        "accounts_api": {"accounts": FirestoreAccounts(documents), "reviews": FirestoreReviews(documents)},
        "catalogue_api": {"merchants": FirestoreMerchants(documents)},
        "dispatch_api": {"store": dispatch, "index": ports.map},
        "dispatch_cron": desk,
        "dispatch_events": desk,
        "dispatch_tasks": desk,
        "notifications_events": notifications,
        "operations_cron": operations,
        "orders_api": orders,
        "payments_api": payments,
        "payments_cron": payments,
        "payments_events": payments,
        "payments_webhooks": {"store": payments["store"]},
        "tracking_api": {"positions": ports.map, "drivers": FirestoreDriverRecords(database)},
    }


@contextmanager
def installed(ports: Ports) -> Iterator[None]:
    """Let the functions use these ports and the virtual clocks; afterwards all is as it was."""
    undo: list[tuple[Any, str, Any]] = []

    def put(module: Any, name: str, value: Any) -> None:
        undo.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    try:
        for function, given in provided(ports).items():
            module = importlib.import_module(f"functions.{function}.wiring")
            for name, port in given.items():
                put(module, name, _giving(port))
        for name in CLOCKED:
            put(importlib.import_module(f"functions.{name}"), "utc_now", local_time)
        for name in ("orders_api.routes", "catalogue_api.routes"):
            put(importlib.import_module(f"functions.{name}"), "new_id", ports.ids)
        yield
    finally:
        for module, name, value in reversed(undo):
            setattr(module, name, value)


def _giving(port: Any) -> Callable[[], Any]:
    return lambda: port
