"""The simulated systems that the functions of a run reach out to."""

from __future__ import annotations

from dataclasses import dataclass

from shared.adapters.firestore.change import DocumentStore
from shared.kernel.ids import NewId
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import SimulatedDatabase
from tests.simulation.ports.driver_index import SimulatedDriverIndex
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.outside import (
    SimulatedCopies,
    SimulatedGeocoder,
    SimulatedIdentities,
    SimulatedObjectStore,
)
from tests.simulation.ports.phones import SimulatedPush
from tests.simulation.ports.tasks import SimulatedTasks
from tests.simulation.runtime import SimulatedRuntime


@dataclass(frozen=True)
class Systems:
    """The simulated systems of one run, and the runtime that hands them to the functions' ports."""

    database: SimulatedDatabase
    documents: DocumentStore
    bus: SimulatedBus
    tasks: SimulatedTasks
    driver_index: SimulatedDriverIndex
    gateway: SimulatedGateway
    push: SimulatedPush
    copies: SimulatedCopies
    objects: SimulatedObjectStore
    geocoder: SimulatedGeocoder
    identities: SimulatedIdentities
    ids: NewId
    runtime: SimulatedRuntime
    documents_required: bool = False
    """Whether drivers and merchants need verification documents."""
