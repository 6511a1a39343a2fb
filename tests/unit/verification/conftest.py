"""`verification_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.verification_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.verification import FirestoreVerification
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.object_store import FakeObjectStore, InlineSanitiser
from tests.fakes.runtime import FakeRuntime, run_on


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def files(clock: FakeClock) -> FakeObjectStore:
    return FakeObjectStore(now=clock.now)


@pytest.fixture
def store(database: MemoryDatabase, bus: MemoryBus) -> FirestoreVerification:
    return FirestoreVerification(DocumentStore(database, bus))


@pytest.fixture
def call(
    database: MemoryDatabase,
    bus: MemoryBus,
    clock: FakeClock,
    files: FakeObjectStore,
    monkeypatch: pytest.MonkeyPatch,
) -> Caller:
    externals = {"object store": files, "image sanitiser": InlineSanitiser()}
    runtime = FakeRuntime(database=database, bus=bus, clock=clock, externals=externals)
    run_on(app, runtime, monkeypatch, roles=lambda: FirestoreRoles(database))
    return Caller(app, "asha")
