"""What every function does alike, on the running stack: odd requests, health, limits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e import scene
from tests.e2e.scene import ApiClient, Town, eventually, ok, refused
from tests.stack import RunningStack, StackFactory

pytestmark = [pytest.mark.emulator, pytest.mark.mission("A9", "J5", "L5")]


@pytest.mark.parametrize("path", ["/api/v1/orders%0a", "/api/v1/me/%0a", "/api/v1/orders/%00", "/%0a"])
async def test_a_path_with_a_control_character_is_a_problem(town: Town, path: str) -> None:
    refused(await town.http.get(f"{town.stack.url}{path}"), 404, "NOT_FOUND")
    refused(await town.http.get(f"{town.stack.functions['orders_api']}{path}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
async def test_an_odd_method_is_a_problem(town: Town, method: str) -> None:
    for base in (town.stack.url, town.stack.functions["orders_api"]):
        refused(await town.http.request(method, f"{base}/api/v1/orders"), 405, "METHOD_NOT_ALLOWED")
        refused(await town.http.request(method, f"{base}/api/v1/orders/x/y/z"), 404, "NOT_FOUND")


async def test_a_key_that_stands_twice_and_another_content_type_are_refused(town: Town) -> None:
    customer = await town.person()
    twice = b'{"quote_id": "quo_1", "quote_id": "quo_2"}'
    for path in ("/orders", "/driver/location"):
        headers = {"content-type": "application/json"}
        refused(await customer.request("POST", path, content=twice, headers=headers), 400, "MALFORMED")
        text = await customer.request("POST", path, content=b"{}", headers={"content-type": "text/plain"})
        refused(text, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_fault_09_a_page_of_another_origin_calls_and_nothing_private_is_kept(town: Town) -> None:
    customer, page = await town.person(), {"Origin": "http://127.0.0.1:5173"}
    asks = page | {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    for path in ("/me", "/driver/location"):
        preflight = await customer.request("OPTIONS", path, headers=asks)
        assert preflight.status_code == 204
        assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]

    answer = await customer.request("GET", "/me", headers=page)
    ok(answer)
    assert answer.headers.get_list("Access-Control-Allow-Origin") == ["*"]
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers.get_list("Cache-Control") == ["no-store"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_the_api_answers_below_hosting_too_also_where_it_has_nothing(town: Town) -> None:
    customer = await town.person()
    pages = ApiClient(town.http, f"http://{town.stack.addresses['hosting']}", customer.account)
    assert ok(await pages.get("/me"))["uid"] == customer.uid
    refused(await pages.get("/nothing"), 404, "NOT_FOUND")


async def test_every_function_is_up_and_ready_and_the_gateway_leads_to_none_of_it(town: Town) -> None:
    for name, url in town.stack.functions.items():
        assert ok(await town.http.get(f"{url}/health")) == {"status": "ok"}, name
        report = ok(await town.http.get(f"{url}/health/ready"))
        assert report["status"] == "ready", (name, report)
        assert report["dependencies"], name
    refused(await town.http.get(f"{town.stack.url}/health/ready"), 404, "NOT_FOUND")


@contextlib.contextmanager
def _standing_still(stack: RunningStack, part: str) -> Iterator[None]:
    """Keep a part of the stack from doing anything, its connections open."""
    process = stack.pid(part)
    assert process
    os.killpg(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process, signal.SIGCONT)


async def _report(stack: RunningStack, http: httpx.AsyncClient, function: str) -> tuple[int, str, str]:
    answer = await http.get(f"{stack.functions[function]}/health/ready")
    body = answer.json()
    return answer.status_code, body["status"], body["dependencies"]["redis"]["state"]


async def test_with_redis_gone_money_is_closed_and_the_rest_goes_on_until_it_is_back(
    isolated_stack: StackFactory,
) -> None:
    stack = await asyncio.to_thread(isolated_stack, isolated=False)
    async with scene.town(stack) as place:
        customer = await place.person()
        order_id = await place.place(customer)
        pay = {"order_id": order_id, "method": "upi_intent"}
        with _standing_still(stack, "redis"):
            refused(await customer.post("/payments", pay, key="pay"), 503, "RATE_LIMITS_UNAVAILABLE")
            ok(await customer.get(f"/orders/{order_id}"))
            assert await _report(stack, place.http, "tracking_api") == (503, "failed", "failed")
            assert await _report(stack, place.http, "orders_api") == (200, "degraded", "failed")

        async def paid() -> bool:
            return (await customer.post("/payments", pay, key="pay")).is_success

        async def ready() -> bool:
            return (await _report(stack, place.http, "tracking_api"))[1] == "ready"

        await eventually(paid)
        await eventually(ready)


async def test_limits_as_in_production_let_an_order_through_and_stop_who_does_nothing_but_ask(
    isolated_stack: StackFactory,
) -> None:
    stack = await asyncio.to_thread(isolated_stack, isolated=False, environment={"RATE_LIMIT_SCALE": "1"})
    async with scene.town(stack) as place:
        customer = await place.person()
        order_id = await place.place(customer)
        await place.pay(customer, order_id)

        device = {"token": "phone", "platform": "android"}
        answers = [await customer.post("/me/devices", device, key=None) for _ in range(40)]
        granted = [answer for answer in answers if answer.is_success]
        limited = [answer for answer in answers if answer.status_code == 429]
        assert len(granted) + len(limited) == 40
        assert len(granted) >= 15  # the order took a few of the bucket's twenty
        problem = refused(limited[-1], 429, "RATE_LIMITED")
        assert "phone" not in str(problem)
        assert int(limited[-1].headers["Retry-After"]) >= 1
        assert limited[-1].headers["RateLimit"].startswith('"creating-user";r=0;')
        ok(await customer.get("/me"))
