"""One order, end to end, through the public API of the running stack."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.scene import Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("C1", "C2", "C3", "C7", "D1", "E3", "I1")]


async def _pushes(town: Town, token: str) -> list[str]:
    answer = await town.http.get(f"{town.stack.env['FCM_API_URL']}/devices/{token}/messages")
    return [message["message"]["data"]["template"] for message in answer.json()["messages"]]


def _all(audience: str, occasions: str) -> set[str]:
    return {f"{occasion}.{audience}" for occasion in occasions.split()}


async def _with_phone(town: Town, person: Any, token: str) -> None:
    ok(await person.post("/me/devices", {"token": token, "platform": "android"}))


async def test_an_order_goes_from_quote_to_rating_and_both_sides_are_told(town: Town) -> None:
    customer, driver = await town.person(), await town.driver()
    await asyncio.gather(
        _with_phone(town, customer, f"phone-{customer.uid}"),
        _with_phone(town, town.staff, f"phone-{town.staff.uid}"),
        _with_phone(town, driver, f"phone-{driver.uid}"),
    )
    nearby = ok(await customer.get("/merchants", lat=town.lat, lng=town.lng))
    assert [shop["id"] for shop in nearby["merchants"]] == [town.merchant_id]

    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    await town.cook(order_id)
    await town.accept(driver, order_id)
    await town.until(customer, order_id, assignment="assigned")
    await town.carry(driver, order_id)
    ok(await customer.post("/reviews", {"order_id": order_id, "stars": 5}))

    assert await town.timeline(customer, order_id) == [
        "order_placed",
        "payment_started",
        "payment_captured",
        "order_confirmed",
        "order_preparing",
        "order_ready",
        "offer_made",
        "driver_assigned",
        "order_picked_up",
        "order_in_transit",
        "order_arrived",
        "order_delivered",
    ]

    async def all_told() -> bool:
        told = {p.uid: set(await _pushes(town, f"phone-{p.uid}")) for p in (customer, driver, town.staff)}
        return (
            _all("customer", "order_placed payment_captured driver_assigned order_delivered")
            <= told[customer.uid]
            and _all("driver", "offer_made order_delivered") <= told[driver.uid]
            and _all("merchant", "payment_captured order_delivered") <= told[town.staff.uid]
        )

    await eventually(all_told)

    async def rated() -> bool:
        return bool(ok(await driver.get("/driver"))["rating_count"] == 1)

    await eventually(rated)


async def test_a_declined_order_goes_to_the_next_driver(town: Town) -> None:
    customer = await town.person()
    drivers = [await town.driver(), await town.driver()]
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    await town.cook(order_id)

    offer_id = f"off_{order_id.removeprefix('ord_')}_1"

    async def holder() -> Any:
        for driver in drivers:
            if (await driver.get(f"/driver/offers/{offer_id}")).is_success:
                return driver
        return None

    first = await eventually(holder)
    [second] = [driver for driver in drivers if driver is not first]
    ok(await first.post(f"/driver/offers/{offer_id}/decline"))
    await town.accept(second, order_id, attempt=2)

    order = await town.until(customer, order_id, assignment="assigned")
    assert order["assignment"]["driver_id"] == second.uid


async def test_an_order_cancelled_before_pickup_is_refunded_in_full_by_itself(town: Town) -> None:
    customer = await town.person()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)

    ok(await customer.post(f"/orders/{order_id}/cancel", {"reason": "changed my mind"}))

    order = await town.until(customer, order_id, fulfilment="cancelled", payment="refunded")
    assert order["payment"]["refunded"] == order["payment"]["captured"] == order["amounts"]["total"]


async def test_a_cancelled_order_frees_its_driver_and_withdraws_its_offer(town: Town) -> None:
    customer, driver = await town.person(), await town.driver()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    await town.cook(order_id)
    offer_id = await town.offer(driver, order_id)

    ok(await customer.post(f"/orders/{order_id}/cancel", {"reason": ""}))

    async def withdrawn() -> bool:
        return bool(ok(await driver.get(f"/driver/offers/{offer_id}"))["state"] == "withdrawn")

    await eventually(withdrawn)
    refused(await driver.post(f"/driver/offers/{offer_id}/accept"), 409)
