"""A shop lacks something and offers something else; the customer takes it, or does without."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.scene import Person, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C5", "D5", "B2")]


async def _menu(town: Town) -> dict[str, str]:
    """Publish three cakes, one of which is counted; return their ids by name."""
    items: list[dict[str, Any]] = [
        {"name": "plum", "price": 30_000},
        {"name": "lemon", "price": 20_000, "stocked": True},
        {"name": "truffle", "price": 90_000},
    ]
    menu = ok(await town.staff.call("PUT", f"/merchants/{town.merchant_id}/menu", json={"items": items}))
    ids = {item["name"]: item["id"] for item in menu["items"]}
    path = f"/merchants/{town.merchant_id}/stock/{ids['lemon']}"
    ok(await town.staff.call("PUT", path, json={"on_hand": 5}))
    return ids


async def _lemons(town: Town) -> int:
    [stock] = ok(await town.staff.get(f"/merchants/{town.merchant_id}/stock"))["stock"]
    return int(stock["on_hand"])


async def _confirmed(town: Town, customer: Person, *wanted: str) -> str:
    items = [{"item_id": item, "quantity": 1} for item in wanted]
    order_id = await town.paid(customer, items=items)
    ok(await town.staff.post(f"/orders/{order_id}/confirm"))
    return order_id


async def _offered(town: Town, order_id: str, item: str, line: int = 0) -> str:
    """Let the shop offer something else for a line; return the path to answer on."""
    body = {"line": line, "item_id": item, "quantity": 1}
    made = ok(await town.staff.post(f"/orders/{order_id}/substitutions", body))
    return f"/orders/{order_id}/substitutions/{made['id']}"


async def test_what_costs_less_is_taken_off_the_shelf_and_the_difference_goes_back(town: Town) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"])
    paid = ok(await customer.get(f"/orders/{order_id}"))["amounts"]
    offer = {"line": 0, "item_id": cakes["lemon"], "quantity": 1}
    clicks = [
        await town.staff.post(f"/orders/{order_id}/substitutions", offer, key="instead") for _ in range(2)
    ]
    assert len({ok(click)["id"] for click in clicks}) == 1
    path = f"/orders/{order_id}/substitutions/{ok(clicks[0])['id']}"
    await town.told(customer, "substitution_proposed.customer")
    refused(await town.staff.post(f"/orders/{order_id}/substitutions", offer), 409, "SUBSTITUTION_OPEN")
    for step in ("prepare", "ready"):
        last = await town.staff.post(f"/orders/{order_id}/{step}")
    refused(last, 409, "SUBSTITUTION_OPEN")

    first = ok(await customer.post(f"{path}/accept", key="yes"))
    assert ok(await customer.post(f"{path}/accept", key="yes")) == first
    refused(await customer.post(f"{path}/accept"), 409, "SUBSTITUTION_OVER")
    refused(await customer.post(f"{path}/decline"), 409, "SUBSTITUTION_OVER")

    assert [line["name"] for line in first["items"]] == ["lemon"]
    assert first["amounts"] == paid | {
        "items": 20_000,
        "tax": 1_000,
        "total": paid["total"] - 10_500,
    }
    order = await town.until(customer, order_id, payment="partly_refunded")
    assert order["payment"] | {"payment_id": ""} == {
        "state": "partly_refunded",
        "payment_id": "",
        "captured": paid["total"],
        "refunded": 10_500,
    }
    listed = ok(await town.staff.get(f"/orders/{order_id}/substitutions"))
    assert (listed["owed_back"], listed["substitutions"][0]["state"]) == (10_500, "accepted")
    assert await _lemons(town) == 4
    await town.told(town.staff, "substitution_accepted.merchant")
    ok(await town.staff.post(f"/orders/{order_id}/ready"))


async def test_who_does_without_gets_the_line_back_and_with_the_last_one_all_the_money(town: Town) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"], cakes["lemon"])
    paid = ok(await customer.get(f"/orders/{order_id}"))["amounts"]["total"]

    path = await _offered(town, order_id, cakes["truffle"])
    left = ok(await customer.post(f"{path}/decline"))
    assert [line["name"] for line in left["items"]] == ["lemon"]
    order = await town.until(customer, order_id, payment="partly_refunded")
    assert order["payment"]["refunded"] == paid - left["amounts"]["total"] == 31_500
    assert await _lemons(town) == 4

    path = await _offered(town, order_id, cakes["plum"])
    ok(await customer.post(f"{path}/decline"))
    order = await town.until(customer, order_id, fulfilment="cancelled", payment="refunded")
    assert (order["payment"]["refunded"], order["cancellation_fee"]) == (paid, 0)
    assert await _lemons(town) == 4  # it has turned out not to be there


async def test_what_is_dearer_costs_no_more_than_was_paid(town: Town) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"])
    before = ok(await customer.get(f"/orders/{order_id}"))

    path = await _offered(town, order_id, cakes["truffle"])
    after = ok(await customer.post(f"{path}/accept"))

    [line] = after["items"]
    assert (line["name"], line["unit_price"], line["total"]) == ("truffle", 90_000, 30_000)
    assert (after["amounts"], after["payment"]) == (before["amounts"], before["payment"])


async def test_of_a_yes_and_a_no_at_once_one_counts(town: Town) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"], cakes["truffle"])
    path = await _offered(town, order_id, cakes["lemon"])

    answers = await asyncio.gather(
        *(customer.post(f"{path}/{answer}") for answer in ("accept", "decline", "accept", "decline"))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    order = await town.until(customer, order_id, payment="partly_refunded")
    taken = "lemon" in [line["name"] for line in order["items"]]
    assert order["payment"]["refunded"] == (10_500 if taken else 31_500)
    assert await _lemons(town) == (4 if taken else 5)


async def test_nobody_else_offers_or_answers_and_only_in_the_kitchen(town: Town) -> None:
    cakes, customer, stranger = await _menu(town), await town.person(), await town.person()
    order_id = await town.paid(customer, items=[{"item_id": cakes["plum"], "quantity": 1}])
    offers = f"/orders/{order_id}/substitutions"
    lemon = {"line": 0, "item_id": cakes["lemon"], "quantity": 1}

    refused(await town.staff.post(offers, lemon), 409, "ILLEGAL_TRANSITION")
    ok(await town.staff.post(f"/orders/{order_id}/confirm"))
    refused(await stranger.post(offers, lemon), 404, "ORDER_NOT_FOUND")
    refused(await stranger.get(offers), 404, "ORDER_NOT_FOUND")
    refused(await customer.post(offers, lemon), 403, "NOT_PERMITTED")
    refused(await town.staff.post(offers, lemon | {"line": 1}), 422, "LINE_UNKNOWN")
    refused(await town.staff.post(offers, lemon | {"item_id": "itm_unheard_of"}), 422, "UNKNOWN_ITEM")
    for wrong in ({"line": -1}, {"quantity": 0}, {"quantity": 100}, {"price": 1}):
        refused(await town.staff.post(offers, lemon | wrong), 422)

    path = await _offered(town, order_id, cakes["lemon"])
    refused(await stranger.post(f"{path}/accept"), 404, "ORDER_NOT_FOUND")
    refused(await town.staff.post(f"{path}/accept"), 403, "NOT_PERMITTED")
    refused(await customer.post(f"{offers}/sub_unheard_of/accept"), 404, "SUBSTITUTION_NOT_FOUND")
    ok(await customer.post(f"/orders/{order_id}/cancel"))
    refused(await customer.post(f"{path}/accept"), 409, "SUBSTITUTION_OVER")
