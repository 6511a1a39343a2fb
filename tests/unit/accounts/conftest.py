"""`accounts_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.accounts_api import wiring
from functions.accounts_api.main import app
from shared.adapters.firestore.accounts import FirestoreAccounts, FirestoreInbox, FirestoreReviews
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
    monkeypatch.setattr(wiring, "accounts", lambda: FirestoreAccounts(store))
    monkeypatch.setattr(wiring, "inbox", lambda: FirestoreInbox(database))
    monkeypatch.setattr(wiring, "reviews", lambda: FirestoreReviews(store))
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    return Caller(app, "asha")
