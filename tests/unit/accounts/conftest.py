"""`accounts_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.accounts_api import (
    admin_routes,
    routes,
    second_factor_routes,
    session_routes,
    wiring,
)
from functions.accounts_api.main import app
from shared.adapters.firestore.accounts import (
    FirestoreAccounts,
    FirestoreInbox,
    FirestoreRoles,
)
from shared.adapters.firestore.addresses import FirestoreAddresses
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.sessions import FirestoreSecondFactors, FirestoreSessions
from shared.adapters.vault import AesGcmVault
from tests.fakes.accounts import Caller, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.identities import FakeIdentities
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.maps import FakeMap
from tests.fakes.runtime import FakeRuntime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    for module in (routes, session_routes, second_factor_routes, admin_routes):
        monkeypatch.setattr(module, "utc_now", clock)
    monkeypatch.setitem(app.state._state, "runtime", FakeRuntime(clock=clock))
    return clock


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def identities() -> FakeIdentities:
    return FakeIdentities()


@pytest.fixture
def map_() -> FakeMap:
    return FakeMap()


@pytest.fixture
def vault() -> AesGcmVault:
    return AesGcmVault({"test": bytes(32)})


@pytest.fixture
def call(
    database: MemoryDatabase,
    bus: MemoryBus,
    identities: FakeIdentities,
    map_: FakeMap,
    vault: AesGcmVault,
    monkeypatch: pytest.MonkeyPatch,
) -> Caller:
    store = DocumentStore(database, bus)
    ports: dict[str, object] = {
        "accounts": FirestoreAccounts(store),
        "addresses": FirestoreAddresses(store),
        "sessions": FirestoreSessions(store),
        "second_factors": FirestoreSecondFactors(store),
        "vault": vault,
        "identities": identities,
        "geocoder": map_,
        "inbox": FirestoreInbox(database),
    }
    for name, port in ports.items():
        monkeypatch.setattr(wiring, name, lambda port=port: port)
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    monkeypatch.setitem(app.state._state, "roles", lambda: FirestoreRoles(database))
    return Caller(app, "asha")
