"""`catalogue_api` as its callers see it: the real app over a database in memory."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import CENTRE, east, put, shop

pytestmark = pytest.mark.mission("B1", "B2", "B3")

BASE = "/api/v1/merchants"
SHOP: dict[str, Any] = {
    "name": "Dosa Corner",
    "category": "South Indian",
    "location": {"lat": CENTRE.lat, "lng": CENTRE.lng},
    "address": "100 Feet Road",
    "prep_minutes": 15,
}
ITEM: dict[str, Any] = {"name": "Masala dosa", "price": 12_000}
NEAR = f"{BASE}?lat={CENTRE.lat}&lng={CENTRE.lng}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", BASE),
        ("GET", NEAR),
        ("GET", f"{BASE}/mer_1"),
        ("GET", f"{BASE}/mer_1/menu"),
        ("PUT", f"{BASE}/mer_1/menu"),
        ("POST", f"{BASE}/mer_1/open"),
        ("POST", f"{BASE}/mer_1/close"),
        ("POST", "/api/v1/admin/merchants/mer_1/approve"),
    ],
)
async def test_without_a_token_every_route_is_closed(call: Caller, method: str, path: str) -> None:
    assert (await call.be("")(method, path, key="k")).status_code == 401


@pytest.mark.parametrize("action", ["open", "close", "menu"])
async def test_every_foreign_merchant_is_404(call: Caller, database: MemoryDatabase, action: str) -> None:
    put(database, shop())
    method, body = ("PUT", {"items": [ITEM]}) if action == "menu" else ("POST", None)

    answer = await call.be("mallory")(method, f"{BASE}/mer_1/{action}", body)

    assert (answer.status_code, answer.json()["code"]) == (404, "MERCHANT_NOT_FOUND")


async def test_from_registration_to_the_first_customer(call: Caller, database: MemoryDatabase) -> None:
    seed_operator(database, "boss")
    shop_id = (await call("POST", BASE, SHOP, key="k")).json()["id"]
    assert (await call("POST", f"{BASE}/{shop_id}/open")).json()["code"] == "MERCHANT_NOT_APPROVED"
    approved = await call.be("boss")("POST", f"/api/v1/admin/merchants/{shop_id}/approve")
    assert (approved.status_code, approved.json()["approved"]) == (200, True)
    assert (await call("POST", f"{BASE}/{shop_id}/open")).json()["code"] == "MENU_MISSING"
    await call("PUT", f"{BASE}/{shop_id}/menu", {"items": [ITEM]})
    assert (await call("POST", f"{BASE}/{shop_id}/open")).json()["open"] is True

    asha = call.be("asha")
    [found] = (await asha("GET", f"{NEAR}&open=true")).json()["merchants"]
    menu = (await asha("GET", f"{BASE}/{shop_id}/menu")).json()

    assert (found["id"], found["distance_m"], found["rating"]) == (shop_id, 0, None)
    assert (menu["version"], menu["items"][0]["price"]) == (1, 12_000)
    assert menu["items"][0]["id"].startswith("itm_")


class TestRegistration:
    async def test_a_retry_registers_no_second_merchant(self, call: Caller, database: MemoryDatabase) -> None:
        first = await call("POST", BASE, SHOP, key="k")
        again = await call("POST", BASE, SHOP, key="k")
        other = await call("POST", BASE, {**SHOP, "name": "Idli Corner"}, key="k")

        assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
        assert first.json() == again.json()
        assert len(database.collection("merchants")) == 1

    async def test_without_a_key_it_is_400_and_without_a_verified_phone_403(self, call: Caller) -> None:
        assert (await call("POST", BASE, SHOP)).status_code == 400
        refused = await call.be("half-asha")("POST", BASE, SHOP, key="k")
        assert (refused.status_code, refused.json()["code"]) == (403, "PHONE_NOT_VERIFIED")

    @pytest.mark.parametrize(
        "change",
        [
            {"name": ""},
            {"name": "Do\u0000sa"},
            {"name": "\u202e\u200f"},
            {"name": "x" * 201},
            {"category": "x" * 61},
            {"category": " "},
            {"prep_minutes": 0},
            {"prep_minutes": 241},
            {"prep_minutes": 1.5},
            {"prep_minutes": True},
            {"location": {"lat": 91, "lng": 0}},
            {"location": {"lat": 0}},
            {"location": {"lat": "north", "lng": 0}},
            {"approved": True},
            {"open": True},
            {"owner_id": "mallory"},
            {"staff": ["mallory"]},
            {"rating_sum": 500},
        ],
    )
    async def test_a_merchant_that_cannot_stand_is_422(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        assert (await call("POST", BASE, {**SHOP, **change}, key="k")).status_code == 422
        assert database.docs == {}

    async def test_only_an_admin_approves(self, call: Caller, database: MemoryDatabase) -> None:
        put(database, shop(approved=False, open=False))
        seed_operator(database, "helper", "support", "merchant")

        for uid in ("staff", "helper"):
            answer = await call.be(uid)("POST", "/api/v1/admin/merchants/mer_1/approve")
            assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")
        assert database.data("merchants/mer_1")["approved"] is False


class TestBrowse:
    async def test_page_tokens_lead_through_the_list(self, call: Caller, database: MemoryDatabase) -> None:
        put(database, *(shop(f"mer_{n}", east(100 * n)) for n in range(5)))

        first = (await call("GET", f"{NEAR}&page_size=3")).json()
        token = first["next_page_token"]
        rest = (await call("GET", f"{NEAR}&page_size=3&page_token={token}")).json()

        assert [found["id"] for found in first["merchants"] + rest["merchants"]] == [
            f"mer_{n}" for n in range(5)
        ]
        assert rest["next_page_token"] == ""

    async def test_nobody_learns_who_works_at_a_merchant(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        put(database, shop())

        for path in (NEAR, f"{BASE}/mer_1"):
            assert "staff" not in (await call.be("asha")("GET", path)).text

    @pytest.mark.parametrize(
        "query",
        [
            "lat=91&lng=0",
            "lat=0&lng=-181",
            "lat=nan&lng=0",
            "lat=inf&lng=0",
            "lat=0",
            "lng=0",
            "lat=&lng=",
            "lat=0&lng=0&radius_m=0",
            "lat=0&lng=0&radius_m=10001",
            "lat=0&lng=0&radius_m=1.5",
            "lat=0&lng=0&radius_m=NaN",
            "lat=0&lng=0&open=perhaps",
            "lat=0&lng=0&q=!!",
            "lat=0&lng=0&q=%20",
            "lat=0&lng=0&q=%00",
            "lat=0&lng=0&category=%E2%80%AE",
            "lat=0&lng=0&category=-",
            f"lat=0&lng=0&q={'x' * 101}",
            "lat=0&lng=0&min_rating=0.9",
            "lat=0&lng=0&min_rating=5.1",
            "lat=0&lng=0&min_rating=nan",
            "lat=0&lng=0&sort=price",
            "lat=0&lng=0&sort=rating&page_token=WzEsICJhIl0",
            "lat=0&lng=0&page_token=WzEsIDIsICJhIl0",
            "lat=0&lng=0&page_size=0",
            "lat=0&lng=0&page_size=101",
            "lat=0&lng=0&page_token=!",
            "lat=0&lng=0&page_token=WzEsMl0",
            "lat=0&lng=0&page_token=WyJhIiwgImIiXQ",
            "lat=0&lng=0&page_token=bnVsbA",
        ],
    )
    async def test_a_question_without_sense_is_422(self, call: Caller, query: str) -> None:
        assert (await call("GET", f"{BASE}?{query}")).status_code == 422

    @pytest.mark.parametrize("id_", ["__x__", "a%2Fb", "%00", "x" * 200])
    async def test_an_id_that_cannot_be_is_a_client_error(self, call: Caller, id_: str) -> None:
        assert (await call("GET", f"{BASE}/{id_}")).status_code in (404, 422)
