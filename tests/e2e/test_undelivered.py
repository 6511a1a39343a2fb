"""Orders that do not reach their customer, through the public API of the running stack."""

from __future__ import annotations

import pytest

from tests.e2e.scene import ApiClient, Town, eventually, ok, refused

pytestmark = pytest.mark.emulator


async def _at_the_door(town: Town) -> tuple[ApiClient, ApiClient, str]:
    """Return a customer, the driver who stands at their door, and the order."""
    customer, driver = await town.person(), await town.driver()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    await town.cook(order_id)
    await town.accept(driver, order_id)
    await town.carry(driver, order_id, to_the_door=True)
    return customer, driver, order_id


async def _free(driver: ApiClient) -> None:
    """Wait until the driver carries nothing."""

    async def carries_nothing() -> bool:
        return bool(ok(await driver.get("/driver"))["active_orders"] == [])

    await eventually(carries_nothing)


@pytest.mark.mission("C9")
async def test_nobody_at_home_twice_then_back_and_the_goods_are_paid_for(town: Town) -> None:
    customer, driver, order_id = await _at_the_door(town)
    path = f"/driver/orders/{order_id}"

    ok(await driver.post(f"{path}/failed", {"reason": "customer_absent"}))
    ok(await driver.post(f"{path}/redeliver"))
    refused(await driver.post(f"{path}/failed", {"reason": "customer_absent"}), 409, "NOT_AT_THE_DOOR")
    ok(await driver.post(f"{path}/arrived"))
    ok(await driver.post(f"{path}/failed", {"reason": "refused"}))
    refused(await driver.post(f"{path}/redeliver"), 409, "NOT_DELIVERABLE_AGAIN")
    ok(await driver.post(f"{path}/returning"))
    ok(await town.staff.post(f"/orders/{order_id}/taken-back"))

    order = await town.until(customer, order_id, fulfilment="returned", payment="captured")
    assert order["cancellation_fee"] == order["amounts"]["total"]
    assert order["status"] == {"own": "cancelled", "drive": "returned", "direct": "returned"}
    assert (await town.timeline(customer, order_id))[-6:] == [
        "order_delivery_failed",
        "order_redelivery_started",
        "order_arrived",
        "order_delivery_failed",
        "order_returning",
        "order_returned",
    ]
    await _free(driver)


@pytest.mark.mission("C9")
async def test_the_wrong_goods_go_back_and_all_of_the_money_too(town: Town) -> None:
    customer, driver, order_id = await _at_the_door(town)

    ok(await driver.post(f"/driver/orders/{order_id}/failed", {"reason": "wrong_items"}))
    ok(await driver.post(f"/driver/orders/{order_id}/returning"))
    ok(await town.staff.post(f"/orders/{order_id}/taken-back"))

    order = await town.until(customer, order_id, fulfilment="returned", payment="refunded")
    assert order["payment"]["refunded"] == order["amounts"]["total"]
    await _free(driver)


@pytest.mark.mission("C4")
async def test_who_cancels_while_it_is_cooked_sees_the_fee_first_and_gets_back_the_rest(town: Town) -> None:
    customer = await town.person()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    for step in ("confirm", "prepare"):
        ok(await town.staff.post(f"/orders/{order_id}/{step}"))

    told = ok(await customer.get(f"/orders/{order_id}/cancellation"))
    refused(
        await customer.post(f"/orders/{order_id}/cancel", {"max_fee": told["fee"] - 1}),
        409,
        "CANCELLATION_FEE_CHANGED",
    )
    ok(await customer.post(f"/orders/{order_id}/cancel", {"max_fee": told["fee"]}))

    order = await town.until(customer, order_id, fulfilment="cancelled", payment="partly_refunded")
    assert (order["cancellation_fee"], order["payment"]["refunded"]) == (told["fee"], told["refund"])
    assert told["fee"] + told["refund"] == order["amounts"]["total"]
    assert ok(await town.staff.get(f"/orders/{order_id}/cancellation"))["refusal"] == "ILLEGAL_TRANSITION"
