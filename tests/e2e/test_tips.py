"""Tips, with the order and after it, paid through the gateway."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.scene import ApiClient, Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C8")]

UPI = {"method": "upi_intent"}


async def _tips(person: ApiClient, order_id: str) -> list[dict[str, Any]]:
    tips: list[dict[str, Any]] = ok(await person.get(f"/orders/{order_id}/tips"))["tips"]
    return tips


async def test_a_tip_in_the_quote_is_paid_with_the_order_and_its_driver_reads_it(
    town: Town,
) -> None:
    customer, driver = await town.person(), await town.driver()
    without = ok(await customer.post("/quotes", town.wish(), key=None))["amounts"]
    order_id = await town.delivered(customer, driver, tip=3_000)

    order = ok(await driver.get(f"/orders/{order_id}"))
    assert order["amounts"] == without | {"tip": 3_000, "total": without["total"] + 3_000}
    assert order["payment"]["captured"] == order["amounts"]["total"]
    for amount in (-1, 1_000_001, 2.5, True, "10"):
        refused(await customer.post("/quotes", town.wish(tip=amount), key=None), 422)


async def test_a_tip_after_delivery_is_created_once_and_paid_once_and_the_driver_is_notified(
    town: Town,
) -> None:
    customer, driver = await town.person(), await town.driver()
    order_id = await town.delivered(customer, driver)
    before = ok(await customer.get(f"/orders/{order_id}"))
    path = f"/orders/{order_id}/tips"

    clicks = await asyncio.gather(*(customer.post(path, {"amount": 5_000}, key="thanks") for _ in range(5)))
    assert len({ok(click)["id"] for click in clicks}) == 1
    refused(await customer.post(path, {"amount": 9_000}, key="thanks"), 422, "IDEMPOTENCY_KEY_REUSED")
    [tip] = await _tips(customer, order_id)
    assert (tip["amount"], tip["state"], tip["driver_id"]) == (5_000, "none", driver.uid)
    assert await _tips(driver, order_id) == []

    links = await asyncio.gather(*(customer.post("/payments", UPI | {"tip_id": tip["id"]}) for _ in range(3)))
    assert len({ok(link)["id"] for link in links}) == 1
    payment = await town.settle(customer, tip_id=tip["id"])

    async def captured() -> bool:
        return bool((await _tips(customer, order_id))[0]["state"] == "captured")

    await eventually(captured)
    seen = ok(await customer.get(f"/payments/{payment['id']}"))
    assert (seen["tip_id"], seen["order_id"], seen["amount"]) == (tip["id"], None, 5_000)
    assert [one["amount"] for one in await _tips(driver, order_id)] == [5_000]
    await town.told(driver, "tip_paid.driver")
    refused(await customer.post("/payments", UPI | {"tip_id": tip["id"]}), 409, "ALREADY_PAID")
    assert ok(await customer.get(f"/orders/{order_id}"))["payment"] == before["payment"]


async def test_tips_of_others_or_too_early_or_too_many_are_refused(town: Town) -> None:
    customer, driver, stranger = await town.person(), await town.driver(), await town.person()
    cooking = await town.paid(customer)
    refused(await customer.post(f"/orders/{cooking}/tips", {"amount": 500}), 409, "NOT_TIPPABLE")
    ok(await customer.post(f"/orders/{cooking}/cancel"))
    order_id = await town.delivered(customer, driver)
    path = f"/orders/{order_id}/tips"

    for person in (stranger, town.staff):
        refused(await person.get(path), 404, "ORDER_NOT_FOUND")
    for person in (stranger, town.staff, driver):
        refused(await person.post(path, {"amount": 500}), 404, "ORDER_NOT_FOUND")
    for amount in (0, 99, 1_000_001, 500.5, True, None):
        refused(await customer.post(path, {"amount": amount}), 422)
    refused(await customer.post(path, {"amount": 500}, key=None), 400, "IDEMPOTENCY_KEY_MISSING")

    answers = await asyncio.gather(*(customer.post(path, {"amount": 500}) for _ in range(7)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 2
    refused(await customer.post(path, {"amount": 500}), 409, "TOO_MANY_TIPS")
    tip = (await _tips(customer, order_id))[0]
    refused(await stranger.post("/payments", UPI | {"tip_id": tip["id"]}), 404, "TIP_NOT_FOUND")
    refused(await customer.post("/payments", UPI | {"tip_id": f"tip_{0:032x}"}), 404, "TIP_NOT_FOUND")
    both = UPI | {"tip_id": tip["id"], "order_id": order_id}
    refused(await customer.post("/payments", both), 422)
