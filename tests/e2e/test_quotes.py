"""What an order would cost, as a customer asks for it: from their address book, with all that adds up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulators.providers.maps.gazetteer import find
from tests.e2e.scene import ApiClient, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C1")]

ADDRESS = {"label": "Home", "address": "Flat 4, 12th Main, Indiranagar", "notes": "Ring twice"}


async def _quote(customer: ApiClient, wish: dict[str, Any]) -> dict[str, Any]:
    return ok(await customer.post("/quotes", wish, key=None))


async def _kept(person: ApiClient, **changes: Any) -> dict[str, Any]:
    return ok(await person.post("/me/addresses", ADDRESS | changes))


def _north(town: Town, metres: float) -> dict[str, Any]:
    return {"lat": town.lat + metres / 111_195, "lng": town.lng, "address": "12th Main"}


async def test_all_that_adds_up_is_shown_and_holds_for_a_quarter_of_an_hour(town: Town) -> None:
    customer = await town.person()
    asked = datetime.now(UTC)
    near = await _quote(customer, town.wish(tip=2_000))
    assert near["amounts"] == {
        "items": 24_000,
        "delivery_fee": 2_500,
        "small_order_fee": 0,
        "tax": 1_200,
        "tip": 2_000,
        "discount": 0,
        "total": 29_700,
        "currency": "INR",
    }
    ends = datetime.fromisoformat(near["expires_at"])
    assert asked + timedelta(minutes=15) <= ends <= datetime.now(UTC) + timedelta(minutes=15)
    assert (near["distance_m"] // 10, near["eta_minutes"]) == (100, 19)

    far = await _quote(customer, town.wish(dropoff=_north(town, 4_500)))
    assert far["amounts"]["delivery_fee"] == 2_500 + 3 * 700
    items = [{"name": "Idli", "price": 9_999}]
    menu = ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}/menu", json={"items": items}))
    small = town.wish(items=[{"item_id": menu["items"][0]["id"], "quantity": 1}])
    amounts = (await _quote(customer, small))["amounts"]
    assert (amounts["small_order_fee"], amounts["tax"], amounts["total"]) == (1_500, 500, 14_499)


async def test_a_quote_is_taken_once_and_only_by_whom_it_was_made_for(town: Town) -> None:
    customer, stranger = await town.person(), await town.person()
    quote = {"quote_id": (await _quote(customer, town.wish()))["id"]}

    refused(await stranger.post("/orders", quote), 404, "QUOTE_NOT_FOUND")
    answers = await asyncio.gather(*(customer.post("/orders", quote) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused(await customer.post("/orders", quote), 409, "QUOTE_USED")
    refused(await customer.post("/orders", {"quote_id": "quo_unheard_of"}), 404, "QUOTE_NOT_FOUND")
    assert len(ok(await customer.get("/orders"))["orders"]) == 1


async def test_to_whom_nobody_drives_is_told_how_far_it_is(town: Town) -> None:
    customer = await town.person()

    problem = refused(
        await customer.post("/quotes", town.wish(dropoff=_north(town, 15_100)), key=None), 422, "OUT_OF_RANGE"
    )
    assert "15.1 km" in problem["detail"]
    for lat in (91, "NaN", "8.0", None):
        dropoff = {"lat": lat, "lng": town.lng, "address": "Nowhere"}
        refused(await customer.post("/quotes", town.wish(dropoff=dropoff), key=None), 422)


@pytest.mark.mission("A3")
async def test_an_order_goes_to_an_address_that_was_only_written_down(town: Town) -> None:
    [place, *_] = find(ADDRESS["address"])
    await town.serve(place.lat, place.lng, 0.05)
    owner, customer = await town.person(), await town.person()
    location = {"lat": place.lat + 0.01, "lng": place.lng}
    shop, menu = await town.shop(owner, [{"name": "Idli", "price": 6_000}], location=location)
    clicks = [await customer.post("/me/addresses", ADDRESS, key="home") for _ in range(2)]
    [home] = ok(await customer.get("/me/addresses"))["addresses"]
    assert {ok(click)["id"] for click in clicks} == {home["id"]}
    assert home["location"] == {"lat": place.lat, "lng": place.lng}

    dropoff = home["location"] | {"address": home["address"], "notes": home["notes"]}
    items = [{"item_id": menu[0]["id"], "quantity": 2}]
    order_id = await town.place(customer, merchant_id=shop, dropoff=dropoff, items=items)

    order = ok(await customer.get(f"/orders/{order_id}"))
    assert (order["dropoff"], order["distance_m"] // 10) == (dropoff, 111)


@pytest.mark.mission("A3")
async def test_a_map_that_is_down_is_503_and_the_same_click_works_later(town: Town) -> None:
    person, unseen = await town.person(), ADDRESS | {"address": "Lalbagh West Gate, Bengaluru"}
    maps = town.stack.env["MAPS_API_URL"]
    rule = {"target": "geocode", "action": "fail", "times": 10}
    (await town.http.post(f"{maps}/_control/script", json=rule)).raise_for_status()
    try:
        refused(await person.post("/me/addresses", unseen, key="home"), 503)
    finally:
        (await town.http.delete(f"{maps}/_control/script")).raise_for_status()

    assert ok(await person.post("/me/addresses", unseen, key="home"))["default"] is True


@pytest.mark.mission("A3")
async def test_a_foreign_address_does_not_exist_and_a_stale_edit_is_412(town: Town) -> None:
    person, stranger = await town.person(), await town.person()
    home = await _kept(person)
    path = f"/me/addresses/{home['id']}"

    refused(await stranger.request("PUT", path, json=ADDRESS), 404, "ADDRESS_NOT_FOUND")
    refused(await stranger.request("DELETE", path), 404, "ADDRESS_NOT_FOUND")
    edit: dict[str, Any] = {"json": ADDRESS | {"label": "Flat"}, "headers": {"If-Match": '"1"'}}
    ok(await person.request("PUT", path, **edit))
    refused(await person.request("PUT", path, **edit), 412, "ADDRESS_CHANGED")
    for wrong in ({"label": ""}, {"address": "\u0000"}, {"location": {"lat": "NaN", "lng": 0}}, {"id": "x"}):
        refused(await person.post("/me/addresses", ADDRESS | wrong), 422)
    addresses = ok(await person.get("/me/addresses"))["addresses"]
    assert [one["label"] for one in addresses] == ["Flat"]
