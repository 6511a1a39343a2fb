"""The functions' composition roots, for the length of a run: the same routes over simulated ports."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

from shared.adapters.cloud_tasks import CloudTasks, SweepTasks
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.blocks import FirestoreBlocks
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.adapters.firestore.reviews import FirestoreOrderCounts, FirestoreReviews
from shared.adapters.firestore.verification import FirestorePapers
from shared.kernel.ids import NewId
from shared.verification.intake import Intake
from tests.fakes.storage import InlineCleaner
from tests.simulation.deployed import MANIFESTS, modules
from tests.simulation.doors import guarded
from tests.simulation.lapse import CALENDAR
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import SimulatedDatabase
from tests.simulation.ports.driver_index import SimulatedDriverIndex
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.outside import (
    SimulatedFiles,
    SimulatedGeocoder,
    SimulatedIdentities,
)
from tests.simulation.ports.phones import SimulatedPush
from tests.simulation.ports.tasks import SimulatedTasks
from tests.simulation.process import local_time
from tests.simulation.runtime import SimulatedRuntime, current_runtime, ports_class

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Ports:
    """Everything that production code reaches out to."""

    database: SimulatedDatabase
    documents: DocumentStore
    bus: SimulatedBus
    tasks: SimulatedTasks
    driver_index: SimulatedDriverIndex
    gateway: SimulatedGateway
    push: SimulatedPush
    files: SimulatedFiles
    geocoder: SimulatedGeocoder
    identities: SimulatedIdentities
    ids: NewId
    runtime: SimulatedRuntime
    papers: bool = False
    """Whether nobody drives or sells without papers."""


@dataclass(frozen=True)
class Anew:
    """What every process has one of its own of: a dead one holds no lock of another."""

    make: Callable[[], Any]


def provided(ports: Ports) -> dict[str, Mapping[str, Any]]:
    """Return, by function, what its `wiring` gives out."""
    documents, database = ports.documents, ports.database
    tasks = cast(CloudTasks, ports.tasks)
    roles = {"roles": FirestoreRoles(database)}
    operations = {"outbox": FirestoreOutbox(database), "publisher": ports.bus, "sweeps": SweepTasks(tasks)}
    verification = {
        **roles,
        "papers": FirestorePapers(documents),
        "document_vault": ports.files,
        "intake": Anew(lambda: Intake(ports.files, InlineCleaner())),
    }
    reviews = {
        **roles,
        "reviews": FirestoreReviews(documents),
        "order_counts": FirestoreOrderCounts(documents),
        "blocks": FirestoreBlocks(documents),
    }
    return {
        "operations_cron": operations,
        "reviews_api": reviews,
        "verification_api": verification,
        "verification_cron": verification,
    }


@contextmanager
def installed(ports: Ports) -> Iterator[None]:
    """Let the functions use these ports and the virtual clocks; afterwards all is as it was."""
    undo: list[tuple[Any, str, Any]] = []

    def put(module: Any, name: str, value: Any) -> None:
        undo.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    try:
        for module, name, value in CALENDAR:
            put(module, name, value)
        current_runtime.set(ports.runtime)
        for function, given in _still_wired(ports).items():
            wiring = importlib.import_module(f"functions.{function}.wiring")
            for name in _built(wiring):
                put(wiring, name, _giving(given[name]) if name in given else _missing(function, name))
            for module, name, route in guarded(function):
                put(module, name, route)
            for module in modules(function):
                for name, value in (("utc_now", local_time), ("new_id", ports.ids)):
                    if hasattr(module, name):
                        put(module, name, value)
        yield
    finally:
        for module, name, value in reversed(undo):
            setattr(module, name, value)


def _still_wired(ports: Ports) -> dict[str, Mapping[str, Any]]:
    given = dict.fromkeys(MANIFESTS, NOTHING) | provided(ports)
    return {function: ports for function, ports in given.items() if ports_class(function) is None}


def _built(wiring: ModuleType) -> list[str]:
    """Return the names of what a composition root gives out."""
    own = {name: value for name, value in vars(wiring).items() if callable(value) and name.islower()}
    return [name for name, value in own.items() if value.__module__ == wiring.__name__ and name[0] != "_"]


def _giving(port: Any) -> Callable[[], Any]:
    return port.make if isinstance(port, Anew) else lambda: port


def _missing(function: str, name: str) -> Callable[[], Any]:
    def ask() -> Any:
        raise LookupError(f"the simulation has no {name} for {function}: see tests/simulation/wiring.py")

    return ask
