"""`catalogue_api` over a database in memory."""

from __future__ import annotations

import pytest

from functions.catalogue_api import wiring
from functions.catalogue_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.catalogue import FirestoreApplications, FirestoreMerchants, FirestoreStock
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.licences import FirestoreLicences
from shared.adapters.firestore.shop_blocks import FirestoreShopBlocks
from shared.adapters.firestore.staff import FirestoreStaff
from shared.adapters.firestore.zones import FirestoreZones, FirestoreZoneStore
from shared.verification.requirements import RequirementPolicy
from tests.fakes.accounts import Caller, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase


@pytest.fixture
def call(database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch) -> Caller:
    store = DocumentStore(database, MemoryBus())
    monkeypatch.setattr(wiring, "merchants", lambda: FirestoreMerchants(store))
    monkeypatch.setattr(wiring, "licences", lambda: FirestoreLicences(database, RequirementPolicy(False)))
    monkeypatch.setattr(wiring, "applications", lambda: FirestoreApplications(store))
    monkeypatch.setattr(wiring, "staff", lambda: FirestoreStaff(store))
    monkeypatch.setattr(wiring, "stock", lambda: FirestoreStock(store))
    monkeypatch.setattr(wiring, "blocks", lambda: FirestoreShopBlocks(store))
    monkeypatch.setattr(wiring, "zones", lambda: FirestoreZones(database))
    monkeypatch.setattr(wiring, "zone_store", lambda: FirestoreZoneStore(store))
    monkeypatch.setitem(app.state._state, "tokens", FakeTokens)
    monkeypatch.setitem(app.state._state, "roles", lambda: FirestoreRoles(database))
    return Caller(app, "staff")
