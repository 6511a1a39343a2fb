"""`catalogue_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.catalogue_api import wiring
from functions.catalogue_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from tests.fakes.accounts import Caller, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def call(database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch) -> Caller:
    store = DocumentStore(database, MemoryBus())
    monkeypatch.setattr(wiring, "merchants", lambda: FirestoreMerchants(store))
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    monkeypatch.setitem(app.state._state, "roles", lambda: FirestoreRoles(database))
    return Caller(app, "staff")
