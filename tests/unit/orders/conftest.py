"""`orders_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.orders_api import routes, wiring
from functions.orders_api.main import app
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.orders import FirestoreOrders
from tests.builders import CUSTOMER, NOW
from tests.fakes.accounts import Caller, FakeRoles, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase


@pytest.fixture
def orders(database: MemoryDatabase, bus: MemoryBus) -> FirestoreOrders:
    return FirestoreOrders(DocumentStore(database, bus, clock=lambda: NOW))


@pytest.fixture
def call(orders: FirestoreOrders, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr(wiring, "orders", lambda: orders)
    monkeypatch.setattr(routes, "utc_now", lambda: NOW)
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    monkeypatch.setitem(app.state._state, "roles", FakeRoles)
    return Caller(app, CUSTOMER)
