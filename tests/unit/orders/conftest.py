"""`orders_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.orders import FirestoreOrders
from tests.builders import CUSTOMER, NOW, STAFF, hire
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on


@pytest.fixture(autouse=True)
def staff(database: MemoryDatabase) -> None:
    """Let `STAFF` belong to the merchant of the orders."""
    hire(database, STAFF)


@pytest.fixture
def orders(database: MemoryDatabase, bus: MemoryBus) -> FirestoreOrders:
    return FirestoreOrders(DocumentStore(database, bus, clock=lambda: NOW))


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    run_on(app, FakeRuntime(database=database, bus=bus, clock=lambda: NOW), monkeypatch)
    return Caller(app, CUSTOMER)
