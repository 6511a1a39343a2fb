"""Processes die and Redis forgets; no order is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import httpx
import pytest
import redis.asyncio

from emulators.firestore_meter import CommitHold, FirestoreMeter
from tests.e2e import scene
from tests.e2e.scene import Town, eventually, ok
from tests.patience import HANG_SECONDS
from tests.stack import RunningStack, StackFactory

pytestmark = [pytest.mark.emulator, pytest.mark.mission("F8", "D4")]


async def _outbox(stack: RunningStack) -> list[str]:
    """Return the ids of the events that were committed and not yet published."""
    host = stack.env["FIRESTORE_EMULATOR_HOST"]
    url = f"http://{host}/v1/projects/demo-waybill/databases/(default)/documents/outbox"
    async with httpx.AsyncClient(timeout=HANG_SECONDS) as http:
        answer = await http.get(url, headers={"Authorization": "Bearer owner"})
    return [document["name"].rsplit("/", 1)[1] for document in answer.json().get("documents", [])]


async def _delivered(stack: RunningStack, subscription: str) -> int:
    """Return how many messages a function has taken from one topic."""
    async with httpx.AsyncClient(timeout=HANG_SECONDS) as http:
        counters = (await http.get(f"http://{stack.addresses['oidc']}/counters")).json()
    return int(counters["events"]["subscriptions"][subscription]["delivered"])


def _kill(stack: RunningStack, function: str) -> None:
    pid = stack.pid(function)
    assert pid
    os.kill(pid, signal.SIGKILL)


@contextlib.asynccontextmanager
async def _silence() -> AsyncIterator[str]:
    """The address of a server that takes every connection and never answers."""
    taken: list[asyncio.StreamWriter] = []

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"{host}:{port}"
    server.close()
    for writer in taken:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_an_event_reaches_the_others_although_its_process_died_between_commit_and_publish(
    isolated_stack: StackFactory,
) -> None:
    stack = await asyncio.to_thread(isolated_stack, isolated=False, alone=frozenset({"orders_api"}))
    async with scene.town(stack) as place:
        customer = await place.person()
        ok(await customer.post("/me/devices", {"token": "phone-1", "platform": "android"}))
        made = ok(await customer.post("/quotes", place.wish(), key=None))

        bus = stack.pid("pubsub")
        assert bus
        # The bus stands still: the function commits, then waits for the bus, and dies waiting.
        os.killpg(bus, signal.SIGSTOP)
        try:
            placing = asyncio.create_task(customer.post("/orders", {"quote_id": made["id"]}, key="click"))

            async def committed() -> bool:
                return bool(await _outbox(stack))

            await eventually(committed)
            _kill(stack, "orders_api")
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

        await eventually(told)

        async def swept() -> bool:
            return not await _outbox(stack)

        await eventually(swept)


async def test_an_event_has_one_effect_although_its_process_died_between_publish_and_clearing_the_outbox(
    isolated_stack: StackFactory, meter: FirestoreMeter
) -> None:
    environment = {"FIRESTORE_EMULATOR_HOST": meter.address}
    stack = await asyncio.to_thread(
        isolated_stack, isolated=False, alone=frozenset({"orders_api"}), environment=environment
    )
    meter.forward_to(stack.env["FIRESTORE_EMULATOR_HOST"])
    async with scene.town(stack) as place:
        customer = await place.person()
        ok(await customer.post("/me/devices", {"token": "phone-2", "platform": "android"}))
        made = ok(await customer.post("/quotes", place.wish(), key=None))
        meter.hold = CommitHold("outbox")
        placing = asyncio.create_task(customer.post("/orders", {"quote_id": made["id"]}, key="click"))
        await meter.hold.reached.wait()
        _kill(stack, "orders_api")
        with contextlib.suppress(httpx.HTTPError):
            assert (await placing).status_code == 503
        meter.hold.open()
        assert len(await _outbox(stack)) == 1

        async def told_twice() -> bool:
            await place.run_job("operations_cron/cron/sweep-outbox")
            return await _delivered(stack, "eventarc-notifications_events-orders") >= 2

        await eventually(told_twice, every=1)

        async def swept() -> bool:
            return not await _outbox(stack)

        await eventually(swept)
        inbox = ok(await customer.get("/me/notifications"))["notifications"]
        assert [entry["template"] for entry in inbox] == ["order_placed.customer"]
        messages = await place.http.get(f"{stack.env['FCM_API_URL']}/devices/phone-2/messages")
        assert len(messages.json()["messages"]) == 1


async def test_an_offer_ends_although_its_process_died_between_commit_and_the_creation_of_its_task(
    isolated_stack: StackFactory,
) -> None:
    async with _silence() as nobody:
        stack = await asyncio.to_thread(
            isolated_stack,
            isolated=False,
            alone=frozenset({"dispatch_events"}),
            environment={"CLOUD_TASKS_EMULATOR_HOST": nobody},
            offer_seconds=5,
        )
        async with scene.town(stack) as place:
            customer, first, second = await place.person(), await place.driver(), await place.driver()
            order_id = await place.place(customer)
            await place.pay(customer, order_id)
            await place.cook(order_id)
            offer = f"/driver/offers/off_{order_id.removeprefix('ord_')}"

            async def asked() -> bool:
                return any([(await d.get(f"{offer}_1")).is_success for d in (first, second)])

            await eventually(asked)
            _kill(stack, "dispatch_events")

            async def accepted() -> bool:
                for driver in (first, second):
                    await place.ping(driver)
                    if (await driver.post(f"{offer}_2/accept")).is_success:
                        return True
                return False

            await eventually(accepted, every=0.2)
            timeline = await place.timeline(customer, order_id)
            assert timeline[-4:] == ["offer_made", "offer_expired", "offer_made", "driver_assigned"]


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
