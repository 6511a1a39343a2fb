"""The routes of recurring orders: which turn is left out, and how many there can be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.orders_api import recurring_routes, wiring
from shared.orders.recurrences.domain import MAX_ACTIVE
from tests.builders import NOW, STRANGER
from tests.fakes.accounts import Caller
from tests.unit.orders.test_recurrences import STARTS, Series
from tests.unit.orders.world import HOME

pytestmark = pytest.mark.mission("C5")

PATH = "/api/v1/recurrences"
WISH = {
    "merchant_id": "mer_1",
    "items": [{"item_id": "dosa", "quantity": 2}],
    "dropoff": {"lat": HOME.lat, "lng": HOME.lng, "address": HOME.address},
    "rule": "FREQ=DAILY",
    "starts_at": STARTS.isoformat(),
}


@pytest.fixture
def shop(call: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    series = Series()
    monkeypatch.setattr(wiring, "catalogue", lambda: series.catalogue)
    monkeypatch.setattr(wiring, "recurrences", lambda: series.recurrences)
    monkeypatch.setattr(recurring_routes, "utc_now", lambda: NOW)
    return call


async def _begun(shop: Caller, key: str = "k0") -> dict[str, Any]:
    answer = await shop("POST", PATH, WISH, key=key)
    assert answer.status_code == 201, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


async def test_a_turn_that_is_named_is_left_out_once_whatever_the_client_repeats(shop: Caller) -> None:
    begun = await _begun(shop)
    path, turn = f"{PATH}/{begun['id']}/skip", {"turn": begun["next_at"]}

    first = await shop("POST", path, turn, key="k1")
    again = await shop("POST", path, turn, key="k1")
    late = await shop("POST", path, turn, key="k2")

    assert (first.status_code, again.json()) == (200, first.json())
    assert (late.status_code, late.json()["code"]) == (409, "TURN_OVER")
    shown = (await shop("GET", f"{PATH}/{begun['id']}")).json()
    assert shown["next_at"] == first.json()["next_at"]


async def test_without_a_turn_the_next_one_is_left_out(shop: Caller) -> None:
    begun = await _begun(shop)
    for number, body in enumerate([None, {}, {"turn": None}], start=1):
        answer = await shop("POST", f"{PATH}/{begun['id']}/skip", body, key=f"k{number}")
        day = (STARTS + number * timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (answer.status_code, answer.json()["next_at"]) == (200, day)


@pytest.mark.parametrize("turn", ["tomorrow", 1_700_000_000, "2026-11-22T12:00:00", [], {}])
async def test_what_is_no_turn_is_refused(shop: Caller, turn: Any) -> None:
    path = f"{PATH}/{(await _begun(shop))['id']}/skip"
    answer = await shop("POST", path, {"turn": turn}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert (await shop.be(STRANGER)("POST", path, {}, key="k1")).status_code == 404


async def test_one_too_many_is_refused_until_one_is_ended(shop: Caller) -> None:
    begun = [await _begun(shop, f"k{number}") for number in range(MAX_ACTIVE)]
    refused = await shop("POST", PATH, WISH, key="more")
    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_RECURRENCES")

    await shop("POST", f"{PATH}/{begun[3]['id']}/end")

    assert (await shop("POST", PATH, WISH, key="more")).status_code == 201
