"""A merchant proposes a substitution; the customer accepts or declines it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.scene import ApiClient, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C5", "D5", "B2")]


async def _menu(town: Town) -> dict[str, str]:
    """Publish three cakes, one of which is counted; return their ids by name."""
    items: list[dict[str, Any]] = [
        {"name": "plum", "price": 30_000},
        {"name": "lemon", "price": 20_000, "stocked": True},
        {"name": "truffle", "price": 90_000},
    ]
    menu = ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}/menu", json={"items": items}))
    ids = {item["name"]: item["id"] for item in menu["items"]}
    path = f"/merchants/{town.merchant_id}/stock/{ids['lemon']}"
    ok(await town.staff.request("PUT", path, json={"on_hand": 5}))
    return ids


async def _lemons(town: Town) -> int:
    [stock] = ok(await town.staff.get(f"/merchants/{town.merchant_id}/stock"))["stock"]
    return int(stock["on_hand"])


async def _confirmed(town: Town, customer: ApiClient, *item_ids: str) -> str:
    items = [{"item_id": item, "quantity": 1} for item in item_ids]
    order_id = await town.paid(customer, items=items)
    ok(await town.staff.post(f"/orders/{order_id}/confirm"))
    return order_id


async def _proposed(town: Town, order_id: str, item: str, line: int = 0) -> str:
    """Let the merchant propose a substitution for a line; return its path."""
    body = {"line": line, "item_id": item, "quantity": 1}
    proposed = ok(await town.staff.post(f"/orders/{order_id}/substitutions", body))
    return f"/orders/{order_id}/substitutions/{proposed['id']}"


async def test_an_accepted_cheaper_replacement_leaves_the_stock_and_the_difference_is_refunded(
    town: Town,
) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"])
    paid = ok(await customer.get(f"/orders/{order_id}"))["amounts"]
    body = {"line": 0, "item_id": cakes["lemon"], "quantity": 1}
    clicks = [
        await town.staff.post(f"/orders/{order_id}/substitutions", body, key="replacement") for _ in range(2)
    ]
    assert len({ok(click)["id"] for click in clicks}) == 1
    path = f"/orders/{order_id}/substitutions/{ok(clicks[0])['id']}"
    await town.told(customer, "substitution_proposed.customer")
    refused(await town.staff.post(f"/orders/{order_id}/substitutions", body), 409, "SUBSTITUTION_OPEN")
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
    assert (listed["refund_due"], listed["substitutions"][0]["state"]) == (10_500, "accepted")
    assert await _lemons(town) == 4
    await town.told(town.staff, "substitution_accepted.merchant")
    ok(await town.staff.post(f"/orders/{order_id}/ready"))


async def test_a_declined_line_is_refunded_and_the_last_declined_line_refunds_the_whole_payment(
    town: Town,
) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"], cakes["lemon"])
    paid = ok(await customer.get(f"/orders/{order_id}"))["amounts"]["total"]

    path = await _proposed(town, order_id, cakes["truffle"])
    left = ok(await customer.post(f"{path}/decline"))
    assert [line["name"] for line in left["items"]] == ["lemon"]
    order = await town.until(customer, order_id, payment="partly_refunded")
    assert order["payment"]["refunded"] == paid - left["amounts"]["total"] == 31_500
    assert await _lemons(town) == 4

    path = await _proposed(town, order_id, cakes["plum"])
    ok(await customer.post(f"{path}/decline"))
    order = await town.until(customer, order_id, fulfilment="cancelled", payment="refunded")
    assert (order["payment"]["refunded"], order["cancellation_fee"]) == (paid, 0)
    assert await _lemons(town) == 4  # the merchant reported it as out of stock


async def test_a_dearer_replacement_costs_no_more_than_was_paid(town: Town) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"])
    before = ok(await customer.get(f"/orders/{order_id}"))

    path = await _proposed(town, order_id, cakes["truffle"])
    after = ok(await customer.post(f"{path}/accept"))

    [line] = after["items"]
    assert (line["name"], line["unit_price"], line["total"]) == ("truffle", 90_000, 30_000)
    assert (after["amounts"], after["payment"]) == (before["amounts"], before["payment"])


async def test_of_concurrent_accept_and_decline_one_wins(town: Town) -> None:
    cakes, customer = await _menu(town), await town.person()
    order_id = await _confirmed(town, customer, cakes["plum"], cakes["truffle"])
    path = await _proposed(town, order_id, cakes["lemon"])

    answers = await asyncio.gather(
        *(customer.post(f"{path}/{answer}") for answer in ("accept", "decline", "accept", "decline"))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    order = await town.until(customer, order_id, payment="partly_refunded")
    accepted = "lemon" in [line["name"] for line in order["items"]]
    assert order["payment"]["refunded"] == (10_500 if accepted else 31_500)
    assert await _lemons(town) == (4 if accepted else 5)


async def test_only_the_merchant_proposes_and_only_the_customer_answers_while_it_is_prepared(
    town: Town,
) -> None:
    cakes, customer, stranger = await _menu(town), await town.person(), await town.person()
    order_id = await town.paid(customer, items=[{"item_id": cakes["plum"], "quantity": 1}])
    collection = f"/orders/{order_id}/substitutions"
    lemon = {"line": 0, "item_id": cakes["lemon"], "quantity": 1}

    refused(await town.staff.post(collection, lemon), 409, "ILLEGAL_TRANSITION")
    ok(await town.staff.post(f"/orders/{order_id}/confirm"))
    refused(await stranger.post(collection, lemon), 404, "ORDER_NOT_FOUND")
    refused(await stranger.get(collection), 404, "ORDER_NOT_FOUND")
    refused(await customer.post(collection, lemon), 403, "NOT_PERMITTED")
    refused(await town.staff.post(collection, lemon | {"line": 1}), 422, "LINE_UNKNOWN")
    refused(await town.staff.post(collection, lemon | {"item_id": "itm_unheard_of"}), 422, "UNKNOWN_ITEM")
    for wrong in ({"line": -1}, {"quantity": 0}, {"quantity": 100}, {"price": 1}):
        refused(await town.staff.post(collection, lemon | wrong), 422)

    path = await _proposed(town, order_id, cakes["lemon"])
    refused(await stranger.post(f"{path}/accept"), 404, "ORDER_NOT_FOUND")
    refused(await town.staff.post(f"{path}/accept"), 403, "NOT_PERMITTED")
    refused(await customer.post(f"{collection}/sub_unheard_of/accept"), 404, "SUBSTITUTION_NOT_FOUND")
    ok(await customer.post(f"/orders/{order_id}/cancel"))
    refused(await customer.post(f"{path}/accept"), 409, "SUBSTITUTION_OVER")
