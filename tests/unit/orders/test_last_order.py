"""Ordering shortly before a merchant closes: refused with the reason, by a setting of each shop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fakes.runtime import NOW
from tests.unit.town import ASHA, OWNER, Town

pytestmark = pytest.mark.mission("B1", "C1")

HOURS = {"timezone": "Asia/Kolkata", "weekly": [{"day": "friday", "opens": "10:00", "closes": "22:00"}]}
CLOSES = datetime.fromisoformat("2026-11-20T22:00:00+05:30")
"""NOW is on that Friday, at 17:30 there."""


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(monkeypatch)


@pytest.fixture
async def shop(town: Town) -> str:
    shop_id = await town.shop()
    await town.done(OWNER, "PUT", f"/merchants/{shop_id}/hours", HOURS)
    return shop_id


async def _set(town: Town, shop: str, minutes: int | None) -> dict[str, Any]:
    body = {"minutes_before_closing": minutes}
    return await town.done(OWNER, "PUT", f"/merchants/{shop}/last-order", body)


async def test_fault_31_a_kitchen_that_closes_in_two_minutes_and_cooks_for_fifteen_gives_no_quote(
    town: Town, shop: str
) -> None:
    town.clock.now = CLOSES - timedelta(minutes=2)

    refused = await town.quote(shop)

    assert (refused.status_code, refused.json()["code"]) == (409, "LAST_ORDER_PASSED")
    assert refused.json()["detail"] == "The merchant closes at 22:00 and begins its last order at 21:45."


async def test_fault_31_the_last_order_is_begun_exactly_so_long_before_closing(town: Town, shop: str) -> None:
    for setting, minutes in ((None, 15), (30, 30), (0, 0)):
        await _set(town, shop, setting)
        last = CLOSES - timedelta(minutes=minutes)
        town.clock.now = last - timedelta(seconds=1)
        assert (await town.quote(shop)).status_code == 201
        town.clock.now = last + timedelta(seconds=1)
        assert (await town.quote(shop)).status_code == 409


async def test_fault_31_a_quote_from_before_the_last_order_places_none_after_it(
    town: Town, shop: str
) -> None:
    town.clock.now = CLOSES - timedelta(minutes=16)
    quoted = (await town.quote(shop)).json()
    town.clock.forward(minutes=2)

    refused = await town.place(quoted["id"])

    assert (refused.status_code, refused.json()["code"]) == (409, "QUOTE_OUTDATED")
    assert "last order" in refused.json()["detail"].lower()


async def test_fault_31_an_order_for_later_is_refused_where_its_preparation_would_begin_too_late(
    town: Town, shop: str
) -> None:
    """It takes 18 minutes: 15 to cook and 3 to drive."""
    too_late = await town.quote(shop, scheduled_for=(CLOSES + timedelta(minutes=4)).isoformat())
    in_time = await town.quote(shop, scheduled_for=(CLOSES + timedelta(minutes=2)).isoformat())

    assert (too_late.status_code, too_late.json()["code"]) == (409, "LAST_ORDER_PASSED")
    assert in_time.status_code == 201


async def test_fault_31_an_order_again_and_a_recurring_order_are_refused_for_the_same_reason(
    town: Town, shop: str
) -> None:
    placed = await town.ordered(shop)
    town.clock.now = CLOSES - timedelta(minutes=2)

    again = await town.call(ASHA, "POST", f"/orders/{placed['id']}/reorder", {})

    assert (again.status_code, again.json()["code"]) == (409, "LAST_ORDER_PASSED")


async def test_fault_31_the_setting_is_shown_with_the_time_of_the_last_order(town: Town, shop: str) -> None:
    shown = await _set(town, shop, 40)

    assert (shown["last_order_minutes"], shown["open_now"]) == (40, True)
    assert shown["closes_at"] == "2026-11-20T16:30:00Z"
    assert shown["last_order_at"] == "2026-11-20T15:50:00Z"


async def test_fault_31_between_its_last_order_and_its_closing_a_shop_counts_as_open_next_time(
    town: Town, shop: str
) -> None:
    town.clock.now = CLOSES - timedelta(minutes=2)

    shown = await town.done(ASHA, "GET", f"/merchants/{shop}")
    found = await town.done(ASHA, "GET", "/merchants?lat=12.97&lng=77.64&open=true")

    assert (shown["open_now"], shown["opens_at"]) == (False, "2026-11-27T04:30:00Z")
    assert found["merchants"] == []


@pytest.mark.parametrize("minutes", [-1, 1440, 1.5, "15", True])
async def test_a_last_order_that_cannot_be_is_refused(town: Town, shop: str, minutes: Any) -> None:
    path, body = f"/merchants/{shop}/last-order", {"minutes_before_closing": minutes}
    assert (await town.call(OWNER, "PUT", path, body)).status_code == 422


async def test_only_staff_sets_the_last_order_and_a_concurrent_edit_is_refused(town: Town, shop: str) -> None:
    path, body = f"/merchants/{shop}/last-order", {"minutes_before_closing": 5}
    assert (await town.call(ASHA, "PUT", path, body)).status_code == 404
    stale = await town.call(OWNER, "PUT", path, body, if_match='"0"')
    assert (stale.status_code, stale.json()["code"]) == (412, "MERCHANT_CHANGED")


async def test_a_shop_that_never_closes_has_no_last_order(town: Town) -> None:
    shop_id = await town.shop(owner="meera")
    shown = await town.done(ASHA, "GET", f"/merchants/{shop_id}")
    assert (shown["closes_at"], shown["last_order_at"]) == (None, None)
    assert town.clock() == NOW
    assert (await town.quote(shop_id)).status_code == 201
