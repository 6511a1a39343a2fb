"""`identity_api` and `profiles_api` behind one gateway, over a database in memory."""

from __future__ import annotations

import pytest

from functions.identity_api import admin_routes, second_factor_routes
from functions.identity_api import main as identity
from functions.identity_api import routes as session_routes
from functions.identity_api import wiring as identity_wiring
from functions.profiles_api import main as profiles
from functions.profiles_api import routes
from functions.profiles_api import wiring as profiles_wiring
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
from tests.fakes.gateway import Gateway
from tests.fakes.identities import FakeIdentities
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.maps import FakeMap
from tests.fakes.runtime import FakeRuntime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    for module in (routes, session_routes, second_factor_routes, admin_routes):
        monkeypatch.setattr(module, "utc_now", clock)
    for app in (identity.app, profiles.app):
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
    for wiring in (identity_wiring, profiles_wiring):
        for name, port in ports.items():
            if hasattr(wiring, name):
                monkeypatch.setattr(wiring, name, lambda port=port: port)
    for app in (identity.app, profiles.app):
        monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
        monkeypatch.setitem(app.state._state, "roles", lambda: FirestoreRoles(database))
    return Caller(Gateway({"identity_api": identity.app, "profiles_api": profiles.app}), "asha")
