"""`verification_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.verification_api import admin_routes, routes, wiring
from functions.verification_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.verification import FirestorePapers
from tests.fakes.accounts import Caller, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.runtime import FakeRuntime
from tests.fakes.storage import FakeVault


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    for module in (admin_routes, routes):
        monkeypatch.setattr(module, "utc_now", clock)
    monkeypatch.setitem(app.state._state, "runtime", FakeRuntime(clock=clock))
    return clock


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def files(clock: FakeClock) -> FakeVault:
    return FakeVault(now=clock.now)


@pytest.fixture
def papers(database: MemoryDatabase, bus: MemoryBus) -> FirestorePapers:
    return FirestorePapers(DocumentStore(database, bus))


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    store = DocumentStore(database, bus)
    ports: dict[str, object] = {
        "papers": FirestorePapers(store),
    }
    for name, port in ports.items():
        monkeypatch.setattr(wiring, name, lambda port=port: port)
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    monkeypatch.setitem(app.state._state, "roles", lambda: FirestoreRoles(database))
    return Caller(app, "asha")
