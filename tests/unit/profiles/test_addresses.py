"""The address book of a user."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.profiles.addresses import Location
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.fakes.maps import FakeMap

pytestmark = pytest.mark.mission("A3")

BOOK = "/api/v1/me/addresses"
HOME = {"label": "Home", "address": "12th Main, Indiranagar", "notes": "Second gate, ring twice"}
HERE = {"lat": 12.9719, "lng": 77.6412}


@pytest.fixture(autouse=True)
def places(map_: FakeMap) -> None:
    map_.places["12th main, indiranagar"] = Location(12.9719, 77.6412)


async def _add(call: Caller, key: str = "k", **change: Any) -> dict[str, Any]:
    answer = await call("POST", BOOK, {**HOME, **change}, key=key)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _listed(call: Caller) -> list[dict[str, Any]]:
    return list((await call("GET", BOOK)).json()["addresses"])


async def test_an_address_is_found_on_the_map_and_the_first_is_the_default(call: Caller) -> None:
    made = await _add(call)

    assert made == {**HOME, "id": made["id"], "location": HERE, "default": True, "version": 1}
    assert await _listed(call) == [made]


async def test_sent_coordinates_are_taken_without_a_geocoder_call(call: Caller, map_: FakeMap) -> None:
    made = await _add(call, address="The blue house", location={"lat": 12.5, "lng": 77.5})

    assert made["location"] == {"lat": 12.5, "lng": 77.5}
    assert map_.asked == 0


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_an_unknown_address_is_422_and_nothing_is_stored(
    call: Caller, database: MemoryDatabase, method: str
) -> None:
    made, before = await _add(call), None
    before = dict(database.docs)
    path = BOOK if method == "POST" else f"{BOOK}/{made['id']}"
    answer = await call(method, path, {**HOME, "address": "Atlantis"}, key="other")

    assert (answer.status_code, answer.json()["code"]) == (422, "ADDRESS_UNKNOWN")
    assert database.docs == before


async def test_without_the_geocoder_the_answer_is_503_and_the_same_key_works_later(
    call: Caller, map_: FakeMap
) -> None:
    map_.down = 1
    answer = await call("POST", BOOK, HOME, key="k")
    assert (answer.status_code, answer.json()["code"]) == (503, "MAP_UNAVAILABLE")

    await _add(call, "k")


async def test_the_same_key_adds_one_address_and_another_body_is_refused(call: Caller) -> None:
    first = await _add(call)
    assert await _add(call) == first
    other = await call("POST", BOOK, {**HOME, "label": "Office"}, key="k")

    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await _listed(call)) == 1
    assert (await call("POST", BOOK, HOME)).status_code == 400


async def test_clicks_at_once_add_one_address(call: Caller) -> None:
    made = await asyncio.gather(*(_add(call) for _ in range(3)))

    assert made[0] == made[1] == made[2]
    assert len(await _listed(call)) == 1


async def test_there_are_at_most_twenty_with_additions_at_once_too(
    call: Caller, database: MemoryDatabase
) -> None:
    for n in range(18):
        await _add(call, f"k{n}")
    answers = await asyncio.gather(*(call("POST", BOOK, HOME, key=f"more{n}") for n in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert {answer.json().get("code") for answer in answers if answer.is_error} == {"TOO_MANY_ADDRESSES"}
    assert len(database.collection("users/asha/addresses")) == len(await _listed(call)) == 20


async def test_the_default_moves_and_passes_to_the_oldest_when_it_is_removed(call: Caller) -> None:
    first, second = await _add(call, "1"), await _add(call, "2", label="Office", default=True)
    third = await _add(call, "3", label="Mother")

    def defaults(listed: list[dict[str, Any]]) -> list[str]:
        return [address["label"] for address in listed if address["default"]]

    assert defaults(await _listed(call)) == ["Office"]
    await call("PUT", f"{BOOK}/{third['id']}", {**HOME, "label": "Mother", "default": True})
    assert defaults(await _listed(call)) == ["Mother"]
    for removed, left in ((third, "Home"), (first, "Office")):
        assert (await call("DELETE", f"{BOOK}/{removed['id']}")).status_code == 204
        assert defaults(await _listed(call)) == [left]
    await call("DELETE", f"{BOOK}/{second['id']}")
    assert await _listed(call) == []


async def test_an_address_is_replaced_under_its_next_version(call: Caller) -> None:
    made = await _add(call)
    path = f"{BOOK}/{made['id']}"
    body = {"label": "Home", "address": "The blue house", "location": {"lat": 1, "lng": 2}}
    first = await call("PUT", path, body, If_Match='"1"')
    second = await call("PUT", path, body, If_Match='"1"')

    assert (first.status_code, first.headers["ETag"][:3], first.json()["notes"]) == (200, '"2-', "")
    assert first.json()["default"] is True
    assert (second.status_code, second.json()["code"]) == (412, "ADDRESS_CHANGED")


async def test_another_person_s_address_is_404(call: Caller) -> None:
    path = f"{BOOK}/{(await _add(call))['id']}"
    mallory = call.be("mallory")
    await _add(mallory)

    assert (await mallory("PUT", path, HOME)).status_code == 404
    assert (await mallory("DELETE", path)).status_code == 404
    assert len(await _listed(mallory)) == len(await _listed(call)) == 1


async def test_removing_and_changing_at_once_leave_no_address(call: Caller, database: MemoryDatabase) -> None:
    path = f"{BOOK}/{(await _add(call))['id']}"
    answers = await asyncio.gather(call("DELETE", path), call("PUT", path, {**HOME, "label": "Office"}))

    assert answers[0].status_code == 204
    assert answers[1].status_code in (200, 404)
    assert database.collection("users/asha/addresses") == {}
    assert await _listed(call) == []


@pytest.mark.parametrize(
    "change",
    [
        {"label": ""},
        {"label": "x" * 201},
        {"address": " "},
        {"address": "a\u0000b"},
        {"notes": "x" * 2_001},
        {"notes": None},
        {"location": {"lat": 91, "lng": 0}},
        {"location": {"lat": 0, "lng": -181}},
        {"location": {"lat": "12", "lng": 77}},
        {"location": {"lat": 12}},
        {"location": [12, 77]},
        {"default": "yes"},
        {"default": 1},
        {"id": "adr_mine"},
        {"uid": "mallory"},
    ],
)
async def test_what_is_no_address_is_refused(
    call: Caller, database: MemoryDatabase, change: dict[str, Any]
) -> None:
    assert (await call("POST", BOOK, {**HOME, **change}, key="k")).status_code == 422
    assert database.docs == {}


@pytest.mark.parametrize("lat", ["NaN", "Infinity", "1e999"])
async def test_a_place_that_is_nowhere_is_refused(call: Caller, lat: str) -> None:
    raw = f'{{"label": "Home", "address": "x", "location": {{"lat": {lat}, "lng": 77}}}}'

    assert (await call("POST", BOOK, raw=raw, key="k")).status_code in (400, 422)


@pytest.mark.parametrize(("lat", "lng"), [(0, 0), (0.0, -0.0), (1e-9, 1e-7), (-0.0009, 0.0009)])
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_fault_24_no_address_is_at_0_0_where_devices_are_that_know_no_position(
    call: Caller, method: str, lat: float, lng: float
) -> None:
    made = await _add(call)
    path = BOOK if method == "POST" else f"{BOOK}/{made['id']}"
    answer = await call(method, path, {**HOME, "location": {"lat": lat, "lng": lng}}, key="other")

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/location"
    assert "Set the pin" in fault["message"]
    assert await _listed(call) == [made]


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_fault_27_an_address_of_which_the_map_knows_the_area_alone_asks_for_a_pin(
    call: Caller, map_: FakeMap, method: str
) -> None:
    map_.areas["indiranagar"] = Location(12.9719, 77.6412)
    made = await _add(call)
    path = BOOK if method == "POST" else f"{BOOK}/{made['id']}"
    answer = await call(method, path, {**HOME, "address": "Indiranagar"}, key="2")

    assert (answer.status_code, answer.json()["code"]) == (422, "ADDRESS_TOO_VAGUE")
    assert "pin" in answer.json()["detail"]
    assert await _listed(call) == [made]
    pinned = await call(method, path, {**HOME, "address": "Indiranagar", "location": HERE}, key="2")
    assert pinned.status_code in (200, 201)


async def test_fault_14_the_map_is_asked_only_for_a_request_that_can_succeed(
    call: Caller, map_: FakeMap
) -> None:
    for n in range(20):
        await _add(call, f"k{n}")
    asked = map_.asked
    refused = [await call("POST", BOOK, HOME, key=f"more{n}") for n in range(40)]

    assert {answer.json()["code"] for answer in refused} == {"TOO_MANY_ADDRESSES"}
    assert map_.asked == asked == 20


async def test_fault_14_a_repeated_request_and_an_edit_that_cannot_succeed_cost_no_look_up(
    call: Caller, map_: FakeMap
) -> None:
    made = await _add(call, "k")
    path, moved = f"{BOOK}/{made['id']}", {**HOME, "address": "Atlantis"}
    assert map_.asked == 1
    for answer, status in (
        (await call("POST", BOOK, HOME, key="k"), 201),
        (await call("POST", BOOK, moved, key="k"), 422),
        (await call("PUT", path, moved, If_Match='"7"'), 412),
        (await call("PUT", f"{BOOK}/adr_unknown", moved), 404),
        (await call.be("mallory")("PUT", path, moved), 404),
        (await call("PUT", path, {**HOME, "label": "Mother"}), 200),
        (await call("POST", BOOK, {**moved, "label": "\u200b"}, key="2"), 422),
    ):
        assert answer.status_code == status, answer.text
    assert map_.asked == 1


async def test_fault_14_an_address_whose_text_stays_keeps_the_pin(call: Caller, map_: FakeMap) -> None:
    made = await _add(call, location={"lat": 12.5, "lng": 77.5})
    edited = await call("PUT", f"{BOOK}/{made['id']}", {**HOME, "notes": "Third floor"})

    assert edited.json()["location"] == {"lat": 12.5, "lng": 77.5}
    assert map_.asked == 0
