"""Merchants and menus that were stored before hours, modifiers and application reviews existed."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.catalogue.access import owner_membership
from shared.catalogue.usecases.count_review import CountReview, count_review
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import CENTRE, NOW, shop

pytestmark = pytest.mark.mission("B1", "B2", "K3")

MERCHANT: dict[str, Any] = {
    "id": "mer_1",
    "owner_id": "staff",
    "name": "Dosa Corner",
    "category": "South Indian",
    "location": {"lat": CENTRE.lat, "lng": CENTRE.lng},
    "address": "100 Feet Road",
    "cell": shop().cell,
    "approved": True,
    "open": True,
    "prep_minutes": 15,
    "menu_version": 1,
    "rating_sum": 9,
    "rating_count": 2,
    "currency": "INR",
    "created_at": NOW,
}
MENU = {
    "version": 1,
    "items": [{"id": "dosa", "name": "Dosa", "price": 100, "available": True, "category": ""}],
}


@pytest.fixture(autouse=True)
def stored(database: MemoryDatabase) -> None:
    database.seed("merchants/mer_1", MERCHANT)
    database.seed("merchants/mer_1/menu/1", MENU)
    database.seed("merchants/mer_1/staff/staff", to_document(owner_membership(shop())))


async def test_an_old_merchant_is_found_approved_and_open_at_all_hours(call: Caller) -> None:
    path = f"/api/v1/merchants?lat={CENTRE.lat}&lng={CENTRE.lng}&open=true&min_rating=4.5"
    [found] = (await call("GET", path)).json()["merchants"]
    assert (found["application_status"], found["open_now"], found["closes_at"]) == ("approved", True, None)


async def test_an_old_merchant_keeps_its_rating_and_counts_by_stars_from_now_on(
    call: Caller, database: MemoryDatabase
) -> None:
    before = (await call("GET", "/api/v1/merchants/mer_1")).json()
    assert (before["rating"], before["rating_stars"]) == (4.5, [0, 0, 0, 0, 0])

    merchants = FirestoreMerchants(DocumentStore(database, MemoryBus()))
    await count_review(CountReview("mer_1", "rev_9", 3), merchants=merchants)
    after = (await call("GET", "/api/v1/merchants/mer_1")).json()
    assert (after["rating"], after["rating_count"], after["rating_stars"]) == (4.0, 3, [0, 0, 1, 0, 0])


async def test_an_old_menu_is_read_and_its_items_can_be_switched(call: Caller) -> None:
    menu = (await call("GET", "/api/v1/merchants/mer_1/menu")).json()
    assert (menu["categories"], menu["sold_out"], menu["items"][0]["modifier_groups"]) == ([], [], [])
    path = "/api/v1/merchants/mer_1/menu/items/dosa/availability"
    assert (await call("POST", path, {"available": False})).json()["version"] == 2


async def test_its_next_menu_lets_an_old_merchant_be_searched(call: Caller) -> None:
    near = f"/api/v1/merchants?lat={CENTRE.lat}&lng={CENTRE.lng}"
    assert (await call("GET", f"{near}&q=dosa")).json()["merchants"] == []
    await call("PUT", "/api/v1/merchants/mer_1/menu", {"items": [{"name": "Idli", "price": 100}]})
    for query in ("q=dosa", "q=idli", "category=south indian"):
        assert len((await call("GET", f"{near}&{query}")).json()["merchants"]) == 1
