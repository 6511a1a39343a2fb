"""`identity_api` and `profiles_api` behind one gateway, over a database in memory."""

from __future__ import annotations

import pytest

from functions.identity_api import main as identity
from functions.profiles_api import main as profiles
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.secret_cipher import AesGcmCipher
from tests.fakes.accounts import Caller, MemoryStatusCache
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.gateway import Gateway
from tests.fakes.identities import FakeIdentities
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.maps import FakeMap
from tests.fakes.runtime import FakeRuntime, run_on


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def identities() -> FakeIdentities:
    return FakeIdentities()


@pytest.fixture
def statuses() -> MemoryStatusCache:
    return MemoryStatusCache()


@pytest.fixture
def map_() -> FakeMap:
    return FakeMap()


@pytest.fixture
def cipher() -> AesGcmCipher:
    return AesGcmCipher({"test": bytes(32)})


@pytest.fixture
def call(
    database: MemoryDatabase,
    bus: MemoryBus,
    clock: FakeClock,
    identities: FakeIdentities,
    map_: FakeMap,
    cipher: AesGcmCipher,
    statuses: MemoryStatusCache,
    monkeypatch: pytest.MonkeyPatch,
) -> Caller:
    externals = {
        "identity provider": identities,
        "geocoder": map_,
        "secret cipher": cipher,
        "status cache": statuses,
    }
    runtime = FakeRuntime(database=database, bus=bus, clock=clock, externals=externals)
    for app in (identity.app, profiles.app):
        run_on(app, runtime, monkeypatch, roles=lambda: FirestoreRoles(database))
    return Caller(Gateway({"identity_api": identity.app, "profiles_api": profiles.app}), "asha")
