"""The routes of recurrences: which occurrence is skipped, and how many can be active."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.orders_api.main import app
from shared.orders.recurrences.domain import MAX_ACTIVE
from tests.builders import NOW, STRANGER
from tests.fakes.accounts import Caller
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.test_recurrences import STARTS, RecurrenceWorld
from tests.unit.orders.world import HOME

pytestmark = pytest.mark.mission("C5")

PATH = "/api/v1/recurrences"
REQUEST = {
    "merchant_id": "mer_1",
    "items": [{"item_id": "dosa", "quantity": 2}],
    "dropoff": {"lat": HOME.lat, "lng": HOME.lng, "address": HOME.address},
    "rule": "FREQ=DAILY",
    "starts_at": STARTS.isoformat(),
}


@pytest.fixture
def shop(call: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    world = RecurrenceWorld()
    run_on(app, FakeRuntime(database=world.database, bus=world.bus, clock=lambda: NOW), monkeypatch)
    return call


async def _started(shop: Caller, key: str = "k0") -> dict[str, Any]:
    answer = await shop("POST", PATH, REQUEST, key=key)
    assert answer.status_code == 201, answer.text
    started: dict[str, Any] = answer.json()
    return started


async def test_a_named_occurrence_is_skipped_once_when_the_client_repeats_the_request(shop: Caller) -> None:
    started = await _started(shop)
    path, body = f"{PATH}/{started['id']}/skip", {"occurrence": started["next_at"]}

    first = await shop("POST", path, body, key="k1")
    again = await shop("POST", path, body, key="k1")
    late = await shop("POST", path, body, key="k2")

    assert (first.status_code, again.json()) == (200, first.json())
    assert (late.status_code, late.json()["code"]) == (409, "OCCURRENCE_NOT_PENDING")
    shown = (await shop("GET", f"{PATH}/{started['id']}")).json()
    assert shown["next_at"] == first.json()["next_at"]


async def test_without_an_occurrence_the_next_one_is_skipped(shop: Caller) -> None:
    started = await _started(shop)
    for number, body in enumerate([None, {}, {"occurrence": None}], start=1):
        answer = await shop("POST", f"{PATH}/{started['id']}/skip", body, key=f"k{number}")
        day = (STARTS + number * timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (answer.status_code, answer.json()["next_at"]) == (200, day)


@pytest.mark.parametrize("occurrence", ["tomorrow", 1_700_000_000, "2026-11-22T12:00:00", [], {}])
async def test_a_malformed_occurrence_is_refused(shop: Caller, occurrence: Any) -> None:
    path = f"{PATH}/{(await _started(shop))['id']}/skip"
    answer = await shop("POST", path, {"occurrence": occurrence}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert (await shop.be(STRANGER)("POST", path, {}, key="k1")).status_code == 404


async def test_one_recurrence_too_many_is_refused_until_another_ends(shop: Caller) -> None:
    started = [await _started(shop, f"k{number}") for number in range(MAX_ACTIVE)]
    refused = await shop("POST", PATH, REQUEST, key="more")
    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_RECURRENCES")

    await shop("POST", f"{PATH}/{started[3]['id']}/end")

    assert (await shop("POST", PATH, REQUEST, key="more")).status_code == 201


@pytest.mark.parametrize("zone", ["localtime", "Factory", "right/Asia/Kolkata", "posixrules", "Mars/Olympus"])
async def test_fault_30_a_zone_that_depends_on_the_machine_is_refused(shop: Caller, zone: str) -> None:
    answer = await shop("POST", PATH, {**REQUEST, "timezone": zone}, key="k0")
    assert (answer.status_code, answer.json()["code"]) == (422, "ZONE_UNKNOWN")


@pytest.mark.parametrize("zone", ["Asia/Calcutta", "GB", "EST5EDT", "UTC"])
async def test_fault_30_an_alias_of_the_iana_list_is_accepted(shop: Caller, zone: str) -> None:
    answer = await shop("POST", PATH, {**REQUEST, "timezone": zone}, key="k0")
    assert (answer.status_code, answer.json()["timezone"]) == (201, zone)


@pytest.mark.parametrize("path", [PATH, "/api/v1/quotes"])
async def test_fault_24_no_order_goes_to_0_0(shop: Caller, path: str) -> None:
    body = {**REQUEST, "dropoff": {"lat": 0, "lng": 0, "address": "12th Main"}}
    if path != PATH:
        body = {name: value for name, value in body.items() if name not in ("rule", "starts_at")}
    answer = await shop("POST", path, body, key="k")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/dropoff")
    assert "Set the pin" in answer.json()["errors"][0]["message"]
