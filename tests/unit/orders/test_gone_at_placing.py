"""What changes between a quote and its order: the price holds, availability is checked again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.runtime import NOW
from tests.unit.town import ADMIN, ASHA, DOSA, HOME, MENU, OWNER, SHOP_AT, Town

pytestmark = pytest.mark.mission("B2", "C1")

SEA = [[72.0, 18.0], [72.1, 18.0], [72.1, 18.1], [72.0, 18.1], [72.0, 18.0]]
SQUARE = {"type": "Polygon", "coordinates": [SEA]}
THALI = {"item_id": "itm_thali", "quantity": 1, "modifiers": ["mod_naan"]}
Menu = list[dict[str, Any]]


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(monkeypatch)


@pytest.fixture
async def shop(town: Town) -> str:
    return await town.shop()


async def _quoted(town: Town, shop: str, **more: Any) -> dict[str, Any]:
    answer = await town.quote(shop, DOSA, THALI, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _switch(town: Town, shop: str, item: str, available: bool, modifier: str | None = None) -> None:
    body = {"available": available, "modifier_id": modifier}
    await town.done(OWNER, "POST", f"/merchants/{shop}/menu/items/{item}/availability", body)


async def _publish(town: Town, shop: str, change: Callable[[Menu], object]) -> None:
    menu = copy.deepcopy([dict(item) for item in MENU])
    change(menu)
    await town.done(OWNER, "PUT", f"/merchants/{shop}/menu", {"items": menu})


async def _gone(town: Town, quote_id: str) -> list[tuple[str, str]]:
    """Return the lines that a refusal names, with its messages."""
    refused = await town.place(quote_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "ITEM_UNAVAILABLE"), refused.text
    return [(error["pointer"], error["message"]) for error in refused.json()["errors"]]


async def test_fault_21_an_item_that_was_switched_off_is_refused_by_name(town: Town, shop: str) -> None:
    quoted = await _quoted(town, shop)
    await _switch(town, shop, "itm_thali", available=False)
    assert await _gone(town, quoted["id"]) == [("/items/1", "Thali is not available any more")]

    await _switch(town, shop, "itm_thali", available=True)
    assert (await town.place(quoted["id"])).status_code == 201


async def test_fault_21_a_modifier_that_was_switched_off_is_refused_with_its_line(
    town: Town, shop: str
) -> None:
    quoted = await _quoted(town, shop)
    await _switch(town, shop, "itm_thali", available=False, modifier="mod_naan")

    assert await _gone(town, quoted["id"]) == [("/items/1", "Naan (Thali) is not available any more")]


async def test_fault_21_a_modifier_that_was_not_selected_does_not_matter(town: Town, shop: str) -> None:
    quoted = await _quoted(town, shop)
    await _switch(town, shop, "itm_thali", available=False, modifier="mod_roti")
    assert (await town.place(quoted["id"])).status_code == 201


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        (lambda menu: menu.pop(0), [("/items/0", "Masala dosa is not available any more")]),
        (
            lambda menu: menu[1]["modifier_groups"][0]["modifiers"].pop(),
            [("/items/1", "Naan (Thali) is not available any more")],
        ),
        (
            lambda menu: menu[1].pop("modifier_groups"),
            [("/items/1", "Naan (Thali) is not available any more")],
        ),
        (
            lambda menu: [menu.pop(0), menu.pop(0)],
            [
                ("/items/0", "Masala dosa is not available any more"),
                ("/items/1", "Thali is not available any more"),
            ],
        ),
    ],
)
async def test_fault_21_what_was_deleted_from_the_menu_is_refused(
    town: Town, shop: str, change: Callable[[Menu], object], gone: list[tuple[str, str]]
) -> None:
    quoted = await _quoted(town, shop)
    await _publish(town, shop, change)
    assert await _gone(town, quoted["id"]) == gone


@pytest.mark.parametrize(("left", "status"), [(0, 409), (2, 201)])
async def test_an_item_that_came_to_be_counted_after_the_quote_takes_from_the_stock(
    town: Town, shop: str, left: int, status: int
) -> None:
    quoted = await _quoted(town, shop)
    await _publish(town, shop, lambda menu: menu[1].update(stocked=True))
    await town.done(OWNER, "PUT", f"/merchants/{shop}/stock/itm_thali", {"on_hand": left})

    placed = await town.place(quoted["id"])

    assert placed.status_code == status, placed.text
    if status == 409:
        assert placed.json()["code"] == "OUT_OF_STOCK"
        return
    [stock] = (await town.done(OWNER, "GET", f"/merchants/{shop}/stock"))["stock"]
    assert (stock["item_id"], stock["on_hand"]) == ("itm_thali", 1)


async def test_fault_21_the_price_of_the_quote_holds_for_what_is_still_there(town: Town, shop: str) -> None:
    quoted = await _quoted(town, shop)

    def dearer(menu: Menu) -> None:
        menu[0].update(price=99_000, name="Ghee dosa")
        menu[1]["modifier_groups"][0].update(max=2, min=2)

    await _publish(town, shop, dearer)

    placed = (await town.place(quoted["id"])).json()

    assert placed["amounts"] == quoted["amounts"]
    assert [line["name"] for line in placed["items"]] == ["Masala dosa", "Thali"]


async def test_fault_21_an_order_for_later_is_refused_for_what_is_gone_when_it_is_placed(
    town: Town, shop: str
) -> None:
    quoted = await _quoted(town, shop, scheduled_for=(NOW + timedelta(days=1)).isoformat())
    await _switch(town, shop, "itm_dosa", available=False)
    assert await _gone(town, quoted["id"]) == [("/items/0", "Masala dosa is not available any more")]


async def test_fault_21_a_refused_order_has_taken_nothing(town: Town, shop: str) -> None:
    await town.done(OWNER, "PUT", f"/merchants/{shop}/stock/itm_cake", {"on_hand": 3})
    await town.done(OWNER, "PUT", f"/merchants/{shop}/capacity", {"max_open_orders": 1})
    quoted = (await town.quote(shop, DOSA, {"item_id": "itm_cake", "quantity": 3})).json()
    await _switch(town, shop, "itm_dosa", available=False)

    await _gone(town, quoted["id"])

    assert (await town.ordered(shop, {"item_id": "itm_cake", "quantity": 3}))["fulfilment"] == "placed"


async def test_fault_21_a_recurring_order_is_not_placed_with_what_is_gone(town: Town, shop: str) -> None:
    starts = NOW + timedelta(days=2)
    body = {"merchant_id": shop, "items": [DOSA], "dropoff": HOME, "rule": "FREQ=DAILY"}
    series = await town.done(ASHA, "POST", "/recurrences", {**body, "starts_at": starts.isoformat()})
    await _switch(town, shop, "itm_dosa", available=False)
    town.clock.now = starts - timedelta(hours=2)

    await town.place_occurrences()

    shown = await town.done(ASHA, "GET", f"/recurrences/{series['id']}")
    assert (shown["placed"], shown["skipped"]) == (0, "UNKNOWN_ITEM")


async def test_fault_21_an_address_that_is_no_longer_served_is_refused(town: Town, shop: str) -> None:
    quoted = await _quoted(town, shop)
    await town.done(ADMIN, "POST", "/admin/zones", {"name": "Far away", "geometry": SQUARE})

    refused = await town.place(quoted["id"])

    assert (refused.status_code, refused.json()["code"]) == (409, "QUOTE_OUTDATED")


async def test_fault_21_a_quote_of_a_shop_that_has_moved_is_outdated(town: Town, shop: str) -> None:
    quoted = await _quoted(town, shop)
    profile = {"name": "Dosa Corner", "category": "South Indian", "prep_minutes": 15}
    moved = {**SHOP_AT, "lng": 77.65}
    await town.done(OWNER, "PUT", f"/merchants/{shop}", {**profile, "address": "New Road", "location": moved})

    refused = await town.place(quoted["id"])

    assert (refused.status_code, refused.json()["code"]) == (409, "QUOTE_OUTDATED")


async def test_fault_21_a_time_that_can_no_longer_be_met_is_refused(town: Town, shop: str) -> None:
    profile = {"name": "Dosa Corner", "category": "South Indian", "prep_minutes": 40}
    at = {**profile, "address": "100 Feet Road", "location": SHOP_AT}
    await town.done(OWNER, "PUT", f"/merchants/{shop}", at)
    quoted = await _quoted(town, shop, scheduled_for=(NOW + timedelta(minutes=45)).isoformat())
    town.clock.forward(minutes=5)

    refused = await town.place(quoted["id"])

    assert (refused.status_code, refused.json()["code"]) == (409, "QUOTE_OUTDATED")


async def test_a_quote_is_refused_once_it_has_expired(town: Town, shop: str) -> None:
    quoted = await _quoted(town, shop)
    town.clock.forward(minutes=15)
    refused = await town.place(quoted["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "QUOTE_EXPIRED")
