"""The last one on the shelf, wanted by many at once."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.scene import ApiClient, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("B2", "C1")]

CUSTOMERS, EACH = 20, 10


async def _cake(town: Town, on_hand: int) -> str:
    """Put a counted item on the menu; return its id."""
    items = [{"id": town.dosa, "name": "Masala dosa", "price": 12_000}]
    items.append({"name": "Plum cake", "price": 30_000, "stocked": True})
    menu = ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}/menu", json={"items": items}))
    cake = str(menu["items"][1]["id"])
    path = f"/merchants/{town.merchant_id}/stock/{cake}"
    ok(await town.staff.request("PUT", path, json={"on_hand": on_hand}))
    return cake


async def _left(town: Town, item: str) -> int:
    stock = ok(await town.staff.get(f"/merchants/{town.merchant_id}/stock"))["stock"]
    return next(int(entry["on_hand"]) for entry in stock if entry["item_id"] == item)


async def test_of_two_hundred_orders_for_the_last_one_a_single_one_is_placed(town: Town) -> None:
    cake = await _cake(town, on_hand=1)
    wish = town.wish(items=[{"item_id": cake, "quantity": 1}])
    people = [await town.person() for _ in range(CUSTOMERS)]
    quotes = [
        (one, ok(await one.post("/quotes", wish, key=None))["id"]) for one in people for _ in range(EACH)
    ]

    async def place(customer: ApiClient, quote_id: str) -> str:
        answer = await customer.post("/orders", {"quote_id": quote_id})
        return "placed" if answer.status_code == 201 else str(refused(answer, 409)["code"])

    found = await asyncio.gather(*(place(*wanted) for wanted in quotes))

    assert {outcome: found.count(outcome) for outcome in set(found)} == {"placed": 1, "OUT_OF_STOCK": 199}
    assert await _left(town, cake) == 0


async def test_cancelling_puts_the_goods_back_for_the_next(town: Town) -> None:
    cake = await _cake(town, on_hand=1)
    wish = town.wish(items=[{"item_id": cake, "quantity": 1}])
    first, second = await town.person(), await town.person()
    made = ok(await first.post("/quotes", wish, key=None))
    order = ok(await first.post("/orders", {"quote_id": made["id"]}))
    refused(await second.post("/quotes", wish, key=None), 409, "OUT_OF_STOCK")

    ok(await first.post(f"/orders/{order['id']}/cancel"))
    refused(await first.post(f"/orders/{order['id']}/cancel"), 409, "ILLEGAL_TRANSITION")

    assert await _left(town, cake) == 1
    ok(await second.post("/quotes", wish, key=None))
