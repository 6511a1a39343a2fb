"""Full menus through the API: options, marks, past versions, switching one item off, and stock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.catalogue.usecases.switch_item import SwitchItem, switch_item
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.unit.catalogue.shops import put, shop

pytestmark = pytest.mark.mission("B2")

OWN = "/api/v1/merchants/mer_1"
DOSA: dict[str, Any] = {
    "id": "dosa",
    "name": "Masala dosa",
    "price": 12_000,
    "available": True,
    "category": "tiffin",
    "description": "Crisp, with potato",
    "dietary": ["vegetarian"],
    "image": "merchants/mer_1/dosa.jpg",
    "prep_minutes": 12,
    "stocked": True,
    "modifier_groups": [
        {
            "id": "size",
            "name": "Size",
            "min": 1,
            "max": 1,
            "modifiers": [
                {"id": "s", "name": "Small", "price_delta": -2_000, "available": True},
                {"id": "l", "name": "Large", "price_delta": 3_000, "available": True},
            ],
        }
    ],
}
IDLI: dict[str, Any] = {"id": "idli", "name": "Idli", "price": 6_000}
MENU: dict[str, Any] = {"categories": [{"id": "tiffin", "name": "Tiffin"}], "items": [DOSA, IDLI]}


@pytest.fixture(autouse=True)
async def menu(call: Caller, database: MemoryDatabase) -> None:
    put(database, shop(menu_version=0))
    assert (await call("PUT", f"{OWN}/menu", MENU)).status_code == 200


class TestMenu:
    async def test_what_was_published_is_read_and_can_be_published_again(self, call: Caller) -> None:
        read = (await call.be("asha")("GET", f"{OWN}/menu")).json()
        assert (read["categories"], read["items"][0]) == (MENU["categories"], DOSA)

        again = await call("PUT", f"{OWN}/menu", {key: read[key] for key in ("categories", "items")})
        assert (again.status_code, again.json()["version"]) == (200, 2)

    async def test_new_groups_and_modifiers_get_ids_and_keep_them(self, call: Caller) -> None:
        fresh = {
            "name": "Vada",
            "price": 100,
            "modifier_groups": [{"name": "Dip", "modifiers": [{"name": "Chutney"}]}],
        }
        made = (await call("PUT", f"{OWN}/menu", {"items": [fresh]})).json()["items"]
        [group] = made[0]["modifier_groups"]
        assert group["id"].startswith("mgr_")
        assert group["modifiers"][0]["id"].startswith("mod_")
        assert (await call("PUT", f"{OWN}/menu", {"items": made})).json()["items"] == made

    async def test_the_staff_reads_any_version_and_nobody_else(self, call: Caller) -> None:
        await call("PUT", f"{OWN}/menu", {"items": [IDLI]})
        first = await call("GET", f"{OWN}/menu/versions/1")
        assert [item["id"] for item in first.json()["items"]] == ["dosa", "idli"]
        assert (await call.be("asha")("GET", f"{OWN}/menu/versions/1")).status_code == 404
        missing = await call("GET", f"{OWN}/menu/versions/9")
        assert (missing.status_code, missing.json()["code"]) == (404, "MENU_VERSION_NOT_FOUND")
        for odd in ("0", "-1", "x", "1.5", "9" * 30):
            assert (await call("GET", f"{OWN}/menu/versions/{odd}")).status_code == 422

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            (
                {"modifier_groups": [{"name": "Dip", "min": 2, "max": 1, "modifiers": [{"name": "C"}]}]},
                "/modifier_groups/0/max",
            ),
            (
                {"modifier_groups": [{"name": "Dip", "max": 2, "modifiers": [{"name": "C"}]}]},
                "/modifier_groups/0/max",
            ),
            ({"modifier_groups": [{"name": "Dip", "modifiers": []}]}, "/modifier_groups/0/modifiers"),
            (
                {"modifier_groups": [{"name": "Dip", "modifiers": [{"name": "C", "price_delta": 1.5}]}]},
                "/modifier_groups",
            ),
            (
                {"modifier_groups": [{"name": "Dip", "modifiers": [{"name": "C", "price_delta": -6_001}]}]},
                "/modifier_groups",
            ),
            (
                {
                    "modifier_groups": [
                        {"name": "Dip", "modifiers": [{"name": "C", "price_delta": 10_000_000}]}
                    ]
                },
                "/modifier_groups",
            ),
            (
                {"modifier_groups": [{"name": "Dip", "modifiers": [{"name": "C"}] * 51}]},
                "/modifier_groups/0/modifiers",
            ),
            (
                {"modifier_groups": [{"name": "Dip", "modifiers": [{"id": "a", "name": "C"}] * 2, "max": 2}]},
                "/modifier_groups",
            ),
            ({"dietary": ["carnivore"]}, "/dietary/0"),
            ({"dietary": ["vegan", "vegan"]}, "/dietary"),
            ({"dietary": ["vegan", "non_vegetarian"]}, "/dietary"),
            ({"dietary": "vegan"}, "/dietary"),
            ({"image": "http://images.example/a.jpg"}, "/image"),
            ({"image": "https://images.example/" + "a" * 500}, "/image"),
            ({"image": "../key"}, "/image"),
            ({"prep_minutes": 0}, "/prep_minutes"),
            ({"prep_minutes": 241}, "/prep_minutes"),
            ({"stocked": 1}, "/stocked"),
            ({"category": "nowhere"}, "/category"),
            ({"description": "\u0008"}, "/description"),
        ],
    )
    async def test_an_item_that_cannot_stand_is_422_and_named(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any], pointer: str
    ) -> None:
        body = {**MENU, "items": [DOSA, {**IDLI, **change}]}
        answer = await call("PUT", f"{OWN}/menu", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith(f"/items/1{pointer}")
        assert list(database.collection("merchants/mer_1/menu")) == ["1"]

    @pytest.mark.parametrize(
        "categories",
        [
            [{"id": "a", "name": "A"}] * 2,
            [{"id": "", "name": "A"}],
            [{"id": "a"}],
            [{"id": "a", "name": "A"}] * 101,
        ],
    )
    async def test_categories_that_cannot_stand_are_422(self, call: Caller, categories: Any) -> None:
        body = {"items": [IDLI], "categories": categories}
        assert (await call("PUT", f"{OWN}/menu", body)).status_code == 422


class TestAvailability:
    async def test_an_item_is_switched_off_and_on_by_one_small_call(self, call: Caller) -> None:
        for version, available in ((2, False), (2, False), (3, True)):
            answer = await call("POST", f"{OWN}/menu/items/dosa/availability", {"available": available})
            assert (answer.status_code, answer.headers["etag"][: len(str(version)) + 2]) == (
                200,
                f'"{version}-',
            )
            menu = (await call.be("asha")("GET", f"{OWN}/menu")).json()
            assert (menu["version"], menu["items"][0]) == (version, {**DOSA, "available": available})

    async def test_one_choice_can_be_switched_off(self, call: Caller) -> None:
        body = {"available": False, "modifier_id": "l"}
        assert (await call("POST", f"{OWN}/menu/items/dosa/availability", body)).json()["version"] == 2
        [group] = (await call("GET", f"{OWN}/menu")).json()["items"][0]["modifier_groups"]
        assert [modifier["available"] for modifier in group["modifiers"]] == [True, False]

    async def test_whoever_edits_the_menu_meanwhile_is_told(self, call: Caller) -> None:
        tag = (await call("GET", f"{OWN}/menu")).headers["etag"]
        await call("POST", f"{OWN}/menu/items/dosa/availability", {"available": False})
        assert (await call("PUT", f"{OWN}/menu", MENU, if_match=tag)).json()["code"] == "MENU_CHANGED"

    @pytest.mark.parametrize(
        ("item", "body", "status", "code"),
        [
            ("vada", {"available": False}, 404, "ITEM_NOT_FOUND"),
            ("idli", {"available": False, "modifier_id": "l"}, 404, "MODIFIER_NOT_FOUND"),
            ("dosa", {}, 422, "INVALID_REQUEST"),
            ("dosa", {"available": "no"}, 422, "INVALID_REQUEST"),
            ("dosa", {"available": False, "price": 1}, 422, "INVALID_REQUEST"),
        ],
    )
    async def test_what_cannot_be_switched_is_refused(
        self, call: Caller, item: str, body: Any, status: int, code: str
    ) -> None:
        answer = await call("POST", f"{OWN}/menu/items/{item}/availability", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_switches_at_the_same_time_all_stand(self) -> None:
        database = InterleavingDatabase()
        put(database, shop(menu_version=1))
        items = [{"id": f"itm_{n}", "name": "Dish", "price": 100, "available": True} for n in range(5)]
        database.seed("merchants/mer_1/menu/1", {"version": 1, "items": items})
        merchants = FirestoreMerchants(DocumentStore(database, MemoryBus(), pause=_no_pause))

        await asyncio.gather(
            *(
                switch_item(SwitchItem("staff", "mer_1", f"itm_{n}", available=False), merchants=merchants)
                for n in range(5)
            )
        )

        last = database.data("merchants/mer_1")["menu_version"]
        stored = database.data(f"merchants/mer_1/menu/{last}")
        assert (last, [item["available"] for item in stored["items"]]) == (6, [False] * 5)


class TestStock:
    async def test_a_count_replaces_the_one_before(self, call: Caller, database: MemoryDatabase) -> None:
        assert (await call("GET", f"{OWN}/stock")).json() == {"stock": []}
        for on_hand in (5, 0, 7):
            answer = await call("PUT", f"{OWN}/stock/dosa", {"on_hand": on_hand})
            assert (answer.status_code, answer.json()["on_hand"]) == (200, on_hand)
            assert database.data("merchants/mer_1/stock/dosa")["on_hand"] == on_hand
        [listed] = (await call("GET", f"{OWN}/stock")).json()["stock"]
        assert (listed["item_id"], listed["on_hand"]) == ("dosa", 7)

    async def test_what_is_counted_and_gone_is_shown_as_sold_out(self, call: Caller) -> None:
        asha = call.be("asha")
        for on_hand, sold_out in ((None, ["dosa"]), (1, []), (0, ["dosa"])):
            if on_hand is not None:
                await call("PUT", f"{OWN}/stock/dosa", {"on_hand": on_hand})
            assert (await asha("GET", f"{OWN}/menu")).json()["sold_out"] == sold_out

    @pytest.mark.parametrize(
        ("item", "status", "code"), [("vada", 404, "ITEM_NOT_FOUND"), ("idli", 409, "ITEM_NOT_STOCKED")]
    )
    async def test_only_an_item_that_is_stocked_has_a_count(
        self, call: Caller, item: str, status: int, code: str
    ) -> None:
        answer = await call("PUT", f"{OWN}/stock/{item}", {"on_hand": 5})
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    @pytest.mark.parametrize("on_hand", [-1, 1_000_001, 1.5, "5", True, None, 10**30])
    async def test_a_count_without_sense_is_422(
        self, call: Caller, database: MemoryDatabase, on_hand: Any
    ) -> None:
        assert (await call("PUT", f"{OWN}/stock/dosa", {"on_hand": on_hand})).status_code == 422
        assert database.collection("merchants/mer_1/stock") == {}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "menu/versions/1", None),
        ("POST", "menu/items/dosa/availability", {"available": False}),
        ("GET", "stock", None),
        ("PUT", "stock/dosa", {"on_hand": 5}),
    ],
)
async def test_a_foreign_merchant_is_404_and_without_a_token_it_is_401(
    call: Caller, method: str, path: str, body: Any
) -> None:
    foreign = await call.be("mallory")(method, f"{OWN}/{path}", body)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "MERCHANT_NOT_FOUND")
    assert (await call.be("")(method, f"{OWN}/{path}", body)).status_code == 401


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)
