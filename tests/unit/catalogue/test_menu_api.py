"""Menus as the callers of `catalogue_api` see them, with all that they may get wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.edge.etags import versions_in
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.catalogue.shops import put, shop

pytestmark = pytest.mark.mission("B2")

BASE = "/api/v1/merchants"
ITEM: dict[str, Any] = {"name": "Masala dosa", "price": 12_000}


class TestMenu:
    async def test_the_tag_of_a_menu_is_the_ticket_for_the_next_one(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        put(database, shop(menu_version=0))
        path = f"{BASE}/mer_1/menu"
        assert (await call("GET", path)).json()["code"] == "MENU_NOT_FOUND"
        first = await call("PUT", path, {"items": [ITEM]})
        tag = (await call("GET", path)).headers["etag"]
        second = await call("PUT", path, {"items": first.json()["items"]}, if_match=tag)
        stale = await call("PUT", path, {"items": [ITEM]}, if_match=tag)

        assert (first.headers["etag"], tag[:3], second.headers["etag"][:3]) == (tag, '"1-', '"2-')
        assert second.json()["items"] == first.json()["items"]
        assert (stale.status_code, stale.json()["code"]) == (412, "MENU_CHANGED")
        assert database.data("merchants/mer_1")["menu_version"] == 2

    async def test_without_if_match_a_menu_replaces_whatever_stands(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        put(database, shop(menu_version=7))

        answer = await call("PUT", f"{BASE}/mer_1/menu", {"items": [ITEM]})

        assert (answer.status_code, answer.json()["version"]) == (200, 8)

    @pytest.mark.parametrize(
        ("header", "versions"),
        [
            (None, None),
            ("*", None),
            ('"3"', {3}),
            ('"3", "4"', {3, 4}),
            ('W/"3"', set()),
            ("3", set()),
            ("", set()),
            ('"x"', set()),
            ('"99999999999999999999"', set()),
        ],
    )
    def test_an_if_match_header_allows_the_versions_that_it_quotes(
        self, header: str | None, versions: set[int] | None
    ) -> None:
        assert versions_in(header) == versions

    @pytest.mark.parametrize(
        "change",
        [{"price": price} for price in (0, -1, 10_000_001, 1.5, 100.0, "100", True, None, 10**30)]
        + [{"name": name} for name in ("", "a\u0007", "\u2066\u00ad", "x" * 201, 5, None)]
        + [{"id": id_} for id_ in ("", "a/b", "..", "__a__", "é", 5)]
        + [
            {"available": "yes"},
            {"available": 1},
            {"category": "\u0000"},
            {"category": "x" * 61},
            {"stock": 5},
            {"quantity": 1},
        ],
    )
    async def test_an_item_that_cannot_stand_is_422_and_named(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        put(database, shop())

        answer = await call("PUT", f"{BASE}/mer_1/menu", {"items": [ITEM, {**ITEM, **change}]})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith("/items/1/")
        assert database.collection("merchants/mer_1/menu") == {}

    @pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "1e3", "1E400"])
    async def test_a_price_that_json_should_not_have_is_422(
        self, call: Caller, database: MemoryDatabase, price: str
    ) -> None:
        put(database, shop())
        raw = f'{{"items": [{{"name": "Dosa", "price": {price}}}]}}'

        assert (await call("PUT", f"{BASE}/mer_1/menu", raw=raw)).status_code == 422

    @pytest.mark.parametrize("body", [{}, {"items": []}, {"items": {}}, {"items": [[]]}, {"items": None}, []])
    async def test_a_menu_without_items_is_422(self, call: Caller, body: Any) -> None:
        assert (await call("PUT", f"{BASE}/mer_1/menu", body)).status_code == 422

    async def test_five_hundred_items_are_taken_and_one_more_is_422(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        put(database, shop())
        path = f"{BASE}/mer_1/menu"

        assert (await call("PUT", path, {"items": [ITEM] * 500})).status_code == 200
        assert (await call("PUT", path, {"items": [ITEM] * 501})).status_code == 422

    async def test_two_items_with_one_id_are_422(self, call: Caller, database: MemoryDatabase) -> None:
        put(database, shop())
        twins = {"items": [{**ITEM, "id": "dosa"}, {**ITEM, "id": "dosa"}]}

        answer = await call("PUT", f"{BASE}/mer_1/menu", twins)

        assert (answer.status_code, answer.json()["code"]) == (422, "MENU_INVALID")
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/items/0/id", "/items/1/id"]

    async def test_a_menu_of_a_mebibyte_is_413(self, call: Caller) -> None:
        raw = json.dumps({"items": [{**ITEM, "name": "x" * 1_100_000}]})

        assert (await call("PUT", f"{BASE}/mer_1/menu", raw=raw)).status_code == 413
