"""What people think of one another, through the public API."""

from __future__ import annotations

import pytest

from tests.e2e.scene import Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("A7")]


async def test_all_sides_of_an_order_judge_each_other_and_it_counts(town: Town) -> None:
    customer, driver = await town.person(), await town.driver()
    order_id = await town.delivered(customer, driver)
    said = (
        (customer, "customer_of_driver", 5),
        (customer, "customer_of_merchant", 4),
        (driver, "driver_of_customer", 3),
        (town.staff, "merchant_of_customer", 2),
    )
    for person, side, stars in said:
        body = {"order_id": order_id, "side": side, "stars": stars}
        ok(await person.post("/reviews", body))
        refused(await person.post("/reviews", body), 409, "ALREADY_REVIEWED")
    refused(
        await driver.post("/reviews", {"order_id": order_id, "side": "merchant_of_customer", "stars": 1}), 404
    )

    mine = ok(await customer.get("/me/statistics"))
    assert mine["orders"] == {"placed": 1, "received": 1, "cancelled": 0, "carried": 0}
    assert mine["ratings_given"]["stars"] == [0, 0, 0, 1, 1]
    assert mine["ratings_as_customer"] == {"count": 2, "mean": 2.5, "stars": [0, 1, 1, 0, 0]}
    assert ok(await driver.get("/me/statistics"))["orders"]["carried"] == 1
    stranger = await town.person()
    public = await stranger.get("/reviews", subject=town.merchant_id)
    assert [review["stars"] for review in ok(public)["reviews"]] == [4]
    assert customer.uid not in public.text
    assert order_id not in public.json()["reviews"][0].values()
    refused(await stranger.get("/reviews", subject=customer.uid), 404, "SUBJECT_NOT_FOUND")

    async def rated() -> bool:
        return bool(ok(await stranger.get(f"/merchants/{town.merchant_id}"))["rating"] == 4.0)

    await eventually(rated)


async def test_a_block_keeps_the_two_apart_for_good_and_not_on_the_order_that_runs(town: Town) -> None:
    customer, driver = await town.person(), await town.driver()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    await town.cook(order_id)
    offer_id = await town.offer(driver, order_id)
    block = {"uid": driver.uid, "reason": "Rude"}
    refused(await (await town.person()).post("/me/blocks", block), 404, "PERSON_NOT_FOUND")
    ok(await driver.post(f"/driver/offers/{offer_id}/accept"))

    ok(await customer.post("/me/blocks", block))

    await town.carry(driver, order_id)
    again = await town.place(customer)
    await town.pay(customer, again)
    await town.cook(again)
    await town.ping(driver)
    other = await town.driver()
    await town.offer(other, again)
    refused(await driver.get(f"/driver/offers/off_{again.removeprefix('ord_')}_1"), 404)
    assert (await customer.request("DELETE", f"/me/blocks/{driver.uid}")).status_code == 204


async def test_a_merchant_takes_no_more_orders_from_whom_it_has_blocked(town: Town) -> None:
    customer, other = await town.person(), await town.person()
    order_id, blocks = await town.paid(customer), f"/merchants/{town.merchant_id}/blocks"
    unpaid = await town.place(customer)
    held = ok(await customer.post("/quotes", town.wish(), key=None))
    block = {"order_id": order_id, "reason": "Rude at the counter"}
    refused(await other.post(blocks, block), 404, "MERCHANT_NOT_FOUND")

    assert ok(await town.staff.post(blocks, block))["uid"] == customer.uid

    refused(await customer.post("/quotes", town.wish(), key=None), 403, "CUSTOMER_BLOCKED")
    refused(await customer.post("/orders", {"quote_id": held["id"]}), 403, "CUSTOMER_BLOCKED")
    assert await town.place(other)
    await town.until(customer, unpaid, fulfilment="cancelled")
    await town.cook(order_id)
    assert [found["uid"] for found in ok(await town.staff.get(blocks))["blocks"]] == [customer.uid]
    assert (await town.staff.request("DELETE", f"{blocks}/{customer.uid}")).status_code == 204
    assert ok(await customer.post("/orders", {"quote_id": held["id"]}))["fulfilment"] == "placed"
