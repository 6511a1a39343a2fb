"""Orders that leave their driver before the pickup, through the public API of the running stack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import redis.asyncio

from emulators.client.operations import drivers, orders
from shared.adapters.redis_driver_commands import driver_key
from tests.e2e.scene import PROJECT, ApiClient, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("E9")]


async def _taken(town: Town) -> tuple[ApiClient, ApiClient, str]:
    """Return a customer, the only driver around, and the order that they have accepted."""
    customer, driver = await town.person(), await town.driver()
    order_id = await town.paid(customer)
    await town.cook(order_id)
    await town.accept(driver, order_id)
    return customer, driver, order_id


async def _goes_to(town: Town, driver: ApiClient, customer: ApiClient, order_id: str) -> None:
    """Let another driver accept the second offer of an order."""
    await town.ping(driver)
    await town.accept(driver, order_id, attempt=2)
    order = await town.until(customer, order_id, assignment="assigned", payment="captured")
    assert order["assignment"]["driver_id"] == driver.uid


async def _silence(town: Town, driver: ApiClient, order_id: str, span: timedelta) -> None:
    """Let it be so long since the driver took the order and reported a position: nobody waits that long."""
    then = datetime.now(UTC) - span
    stamp = {"timestampValue": then.isoformat()}
    base = f"http://{town.stack.env['FIRESTORE_EMULATOR_HOST']}/v1/projects/{PROJECT}/databases/(default)"
    answer = await town.http.patch(
        f"{base}/documents/orders/{order_id}",
        params={"updateMask.fieldPaths": ["assignment.since", "assignment.check_at"]},
        json={"fields": {"assignment": {"mapValue": {"fields": {"since": stamp, "check_at": stamp}}}}},
        headers={"Authorization": "Bearer owner"},
    )
    answer.raise_for_status()
    async with redis.asyncio.from_url(town.stack.env["REDIS_URL"]) as index:
        for reported in ("located_at", "clock_received_at"):
            await index.hset(driver_key(driver.uid), reported, str(int(then.timestamp() * 1000)))


async def test_an_order_that_its_driver_hands_back_is_searched_for_again_at_no_cost(town: Town) -> None:
    customer, driver, order_id = await _taken(town)
    other = await town.driver()
    before = await customer.do(orders.get_order(order_id))

    left = await driver.do(drivers.hand_back_order(order_id, "breakdown"))

    assert left["active_orders"] == []
    await _goes_to(town, other, customer, order_id)
    refused(await driver.send(drivers.pick_up_order(order_id)), 404, "ORDER_NOT_FOUND")
    after = await customer.do(orders.get_order(order_id))
    assert (after["amounts"], after["cancellation_fee"]) == (before["amounts"], 0)
    assert after["payment"]["captured"] == before["payment"]["captured"] == before["amounts"]["total"]
    assert (await town.timeline(customer, order_id))[-4:] == [
        "driver_assigned",
        "driver_handed_back",
        "offer_made",
        "driver_assigned",
    ]


async def test_a_driver_who_is_silent_for_ten_minutes_is_reported_and_replaced(town: Town) -> None:
    customer, driver, order_id = await _taken(town)

    async def reasons() -> list[str]:
        """Return why operators have to look at the order."""
        listed = ok(await town.admin.get("/admin/orders/attention", why="escalated", page_size=100))["orders"]
        return [order["escalation"] for order in listed if order["id"] == order_id]

    await _silence(town, driver, order_id, timedelta(minutes=8))
    await town.run_job("dispatch_cron/cron/sweep-drivers")
    assert await reasons() == []

    await _silence(town, driver, order_id, timedelta(minutes=10))
    await town.run_job("dispatch_cron/cron/sweep-drivers")
    assert await reasons() == ["driver_silent"]
    await town.told(town.admin, "order_escalated.operator")

    other = await town.driver()
    ok(await town.admin.post(f"/admin/orders/{order_id}/reassign", {"reason": "silent"}))
    await _goes_to(town, other, customer, order_id)
    assert await reasons() == []
    refused(await driver.send(drivers.pick_up_order(order_id)), 404, "ORDER_NOT_FOUND")
