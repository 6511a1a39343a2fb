"""The functions' composition roots, for the length of a run: the same routes over simulated ports."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

from shared.adapters.cloud_tasks import CloudTasks, SweepTasks
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.outbox import FirestoreOutbox
from shared.kernel.ids import NewId
from tests.simulation.deployed import MANIFESTS, modules
from tests.simulation.doors import guarded
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import SimulatedDatabase
from tests.simulation.ports.driver_index import SimulatedDriverIndex
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.outside import (
    SimulatedGeocoder,
    SimulatedIdentities,
    SimulatedObjectStore,
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
    objects: SimulatedObjectStore
    geocoder: SimulatedGeocoder
    identities: SimulatedIdentities
    ids: NewId
    runtime: SimulatedRuntime
    documents_required: bool = False
    """Whether drivers and merchants need verification documents."""


def provided(ports: Ports) -> dict[str, Mapping[str, Any]]:
    """Return, by function, what its `wiring` gives out."""
    database = ports.database
    tasks = cast(CloudTasks, ports.tasks)
    operations = {"outbox": FirestoreOutbox(database), "publisher": ports.bus, "sweeps": SweepTasks(tasks)}
    return {
        "operations_cron": operations,
    }


@contextmanager
def installed(ports: Ports) -> Iterator[None]:
    """Let the functions use these ports and the virtual clocks; afterwards all is as it was."""
    undo: list[tuple[Any, str, Any]] = []

    def put(module: Any, name: str, value: Any) -> None:
        undo.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    try:
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
    return lambda: port


def _missing(function: str, name: str) -> Callable[[], Any]:
    def ask() -> Any:
        raise LookupError(f"the simulation has no {name} for {function}: see tests/simulation/wiring.py")

    return ask
