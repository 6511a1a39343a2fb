"""Text that merchants and admins paste into profiles, menus, zones and reasons."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.database import MemoryDatabase
from tests.texts import BROKEN_NAMES, PASTED, SHOWS_NOTHING
from tests.unit.catalogue.shops import put, shop
from tests.unit.catalogue.test_zone_api import BODY as ZONE

pytestmark = pytest.mark.mission("B1", "B2")

MERCHANTS = "/api/v1/merchants"
PROFILE = {
    "name": "Dosa Corner",
    "category": "South Indian",
    "location": {"lat": 12.97, "lng": 77.59},
    "address": "100 Feet Road",
    "prep_minutes": 15,
}
MENU = f"{MERCHANTS}/mer_1/menu"


def _item(**change: Any) -> dict[str, Any]:
    return {"items": [{"name": "Dosa", "price": 100, **change}]}


def _group(**change: Any) -> dict[str, Any]:
    return _item(modifier_groups=[{"name": "Size", "modifiers": [{"name": "Large"}], **change}])


@pytest.mark.parametrize("name", [*SHOWS_NOTHING, *BROKEN_NAMES])
async def test_fault_26_no_shop_dish_modifier_category_or_zone_has_a_name_that_cannot_be_shown(
    call: Caller, database: MemoryDatabase, name: str
) -> None:
    put(database, shop(menu_version=0))
    seed_operator(database, "root")
    sent = [
        ("staff", "POST", MERCHANTS, {**PROFILE, "name": name}),
        ("staff", "PUT", f"{MERCHANTS}/mer_1", {**PROFILE, "category": name}),
        ("staff", "PUT", MENU, _item(name=name)),
        ("staff", "PUT", MENU, _group(name=name)),
        ("staff", "PUT", MENU, _group(modifiers=[{"name": name}])),
        ("staff", "PUT", MENU, {**_item(), "categories": [{"id": "cat_1", "name": name}]}),
        ("root", "POST", "/api/v1/admin/zones", {**ZONE, "name": name}),
    ]
    before = dict(database.docs)
    for who, method, path, body in sent:
        answer = await call.be(who)(method, path, body, key="k")
        assert answer.status_code == 422, (path, answer.text)
    assert database.docs == before


@pytest.mark.parametrize("reason", SHOWS_NOTHING)
async def test_fault_26_a_reason_says_something(call: Caller, database: MemoryDatabase, reason: str) -> None:
    put(database, shop(approved=False, application_outcome=None))
    seed_operator(database, "root")
    answer = await call.be("root")("POST", "/api/v1/admin/merchants/mer_1/reject", {"reason": reason})

    assert answer.status_code == 422


@pytest.mark.parametrize(("pasted", "stored"), PASTED.items())
async def test_fault_26_the_address_of_a_shop_is_kept_without_invisible_marks(
    call: Caller, database: MemoryDatabase, pasted: str, stored: str
) -> None:
    made = await call("POST", MERCHANTS, {**PROFILE, "address": pasted}, key="k")

    assert (made.status_code, made.json()["address"]) == (201, stored)


async def test_fault_26_a_shop_is_found_by_words_that_were_pasted_with_marks(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, shop(category_key="south indian", terms=("dosa", "do")))
    found = await call(
        "GET", f"{MERCHANTS}?lat=12.9716&lng=77.5946&q=%E2%80%8Edosa%E2%80%AC&category=South%C2%A0Indian"
    )

    assert [one["id"] for one in found.json()["merchants"]] == ["mer_1"]
