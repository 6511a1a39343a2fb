"""Processes die and Redis forgets; no order is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import httpx
import pytest
import redis.asyncio

from tests.e2e import scene
from tests.e2e.scene import Town, eventually, ok
from tests.stack import RunningStack, StackFactory

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(300)]


async def _outbox(stack: RunningStack) -> list[str]:
    """Return the ids of the events that were committed and not yet published."""
    host = stack.env["FIRESTORE_EMULATOR_HOST"]
    url = f"http://{host}/v1/projects/demo-waybill/databases/(default)/documents/outbox"
    async with httpx.AsyncClient(timeout=5) as http:
        answer = await http.get(url, headers={"Authorization": "Bearer owner"})
    return [document["name"].rsplit("/", 1)[1] for document in answer.json().get("documents", [])]


async def test_an_event_reaches_the_others_although_its_process_died_between_commit_and_publish(
    isolated_stack: StackFactory,
) -> None:
    stack = await asyncio.to_thread(isolated_stack)
    async with scene.town(stack) as place:
        customer = await place.person()
        ok(await customer.post("/me/devices", {"token": "phone-1", "platform": "android"}))
        made = ok(await customer.post("/quotes", place.wish(), key=None))

        bus, orders_api = stack.pid("pubsub"), stack.pid("orders_api")
        assert bus
        assert orders_api
        # The bus stands still: the function commits, then waits for the bus, and dies waiting.
        os.killpg(bus, signal.SIGSTOP)
        try:
            placing = asyncio.create_task(customer.post("/orders", {"quote_id": made["id"]}, key="click"))

            async def committed() -> bool:
                return bool(await _outbox(stack))

            await eventually(committed)
            os.kill(orders_api, signal.SIGKILL)
            with contextlib.suppress(httpx.HTTPError):
                assert (await placing).status_code == 503
        finally:
            os.killpg(bus, signal.SIGCONT)

        async def placed() -> httpx.Response | None:
            answer = await customer.post("/orders", {"quote_id": made["id"]}, key="click")
            return answer if answer.is_success else None

        order_id = ok(await eventually(placed))["id"]

        async def told() -> bool:
            messages = await place.http.get(f"{stack.env['FCM_API_URL']}/devices/phone-1/messages")
            return any(m["message"]["data"]["order_id"] == order_id for m in messages.json()["messages"])

        await eventually(told, within=60)

        async def swept() -> bool:
            return not await _outbox(stack)

        await eventually(swept)


async def test_matching_goes_on_after_redis_has_forgotten_everything(town: Town) -> None:
    customer, driver = await town.person(), await town.driver()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    async with redis.asyncio.from_url(town.stack.env["REDIS_URL"]) as cache:
        await cache.flushall()
    await town.cook(order_id)

    async def offered() -> bool:
        await town.ping(driver)
        offer_id = f"off_{order_id.removeprefix('ord_')}_1"
        return (await driver.get(f"/driver/offers/{offer_id}")).is_success

    await eventually(offered)
