"""`reviews_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.reviews_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.runtime import FakeRuntime, run_on


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def call(
    database: MemoryDatabase, bus: MemoryBus, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Caller:
    runtime = FakeRuntime(database=database, bus=bus, clock=clock)
    run_on(app, runtime, monkeypatch, roles=lambda: FirestoreRoles(database))
    return Caller(app, "asha")
