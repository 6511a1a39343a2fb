"""`reviews_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.reviews_api import block_routes, routes, wiring
from functions.reviews_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.blocks import FirestoreBlocks
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.reviews import FirestoreOrderCounts, FirestoreReviews
from tests.fakes.accounts import Caller, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.runtime import FakeRuntime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    for module in (block_routes, routes):
        monkeypatch.setattr(module, "utc_now", clock)
    monkeypatch.setitem(app.state._state, "runtime", FakeRuntime(clock=clock))
    return clock


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    store = DocumentStore(database, bus)
    ports: dict[str, object] = {
        "reviews": FirestoreReviews(store),
        "order_counts": FirestoreOrderCounts(store),
        "blocks": FirestoreBlocks(store),
    }
    for name, port in ports.items():
        monkeypatch.setattr(wiring, name, lambda port=port: port)
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    monkeypatch.setitem(app.state._state, "roles", lambda: FirestoreRoles(database))
    return Caller(app, "asha")
