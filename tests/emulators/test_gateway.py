"""The routes of the public gateway, and its answers when a function fails."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from emulators.gateway import Gateway
from emulators.routes import Routes
from tests.emulators.fake_clock import FakeClock
from tests.emulators.gateway import MANIFESTS, manifest, raw_function
from tests.emulators.recorder import Recorder
from tests.emulators.waiting import until


class TestRoutes:
    @pytest.mark.parametrize(
        ("path", "function"),
        [
            ("/api/v1/orders", "orders_api"),
            ("/api/v1/orders/", "orders_api"),
            ("/api/v1/orders/ord_1/accept", "orders_api"),
            ("/api/v1/quotes", "orders_api"),
            ("/api/v1/orders/nearby", "dispatch_api"),
            ("/api/v1/orders/nearby/1", "dispatch_api"),
            ("/api/v1/orders/nearbyx", "orders_api"),
            ("/api/v1/ordersx", None),
            ("/api/v1", None),
            ("/", None),
            ("", None),
            ("/payments_events", None),
            ("/api/v1/orders/../../../tasks", None),
            ("/api/v1/orders/./x", None),
            ("/api/v1/orders/%2e%2e/x", None),
        ],
    )
    def test_the_longest_prefix_at_a_segment_boundary_wins(self, path: str, function: str | None) -> None:
        target = Routes(MANIFESTS, {}).find(path)

        assert (target.function if target else None) == function

    def test_two_functions_cannot_claim_one_prefix(self) -> None:
        twins = {name: manifest(name, "/api/v1/orders") for name in ("one", "two")}

        with pytest.raises(ValueError, match="one and two"):
            Routes(twins, {})

    async def test_the_root_lists_what_is_public(self, public: httpx.AsyncClient) -> None:
        assert (await public.get("/")).json() == {
            "prefixes": {
                "/api/v1/orders": "orders_api",
                "/api/v1/orders/nearby": "dispatch_api",
                "/api/v1/quotes": "orders_api",
            }
        }

    @pytest.mark.parametrize(
        "path", ["/nowhere", "/api/v1/ordersx", "/tasks/expire", "/api/v1/orders/%2e%2e/%2e%2e/tasks"]
    )
    async def test_an_unknown_path_is_a_problem_404(
        self, public: httpx.AsyncClient, function: Recorder, clock: FakeClock, path: str
    ) -> None:
        answer = await public.post(path, headers={"X-Request-Id": "abc"})

        problem = answer.json()
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-request-id"] == "abc"
        assert problem.pop("detail")
        assert problem.pop("instance").startswith("/")
        assert datetime.fromisoformat(problem.pop("timestamp")) == clock.now()
        assert problem == {
            "type": "urn:waybill:problem:not-found",
            "title": "Not Found",
            "status": 404,
            "code": "NOT_FOUND",
            "request_id": "abc",
            "errors": [],
        }
        assert function.calls == []

    async def test_requests_are_counted_by_function(
        self, gateway: Gateway, public: httpx.AsyncClient
    ) -> None:
        for path in ("/api/v1/orders", "/api/v1/quotes", "/api/v1/orders/nearby", "/nowhere", "/"):
            await public.get(path)

        assert gateway.counters() == {"orders_api": 2, "dispatch_api": 1}


class TestPages:
    """Pages of other origins; the gateway of these tests knows one, `https://app.example.com`."""

    @pytest.mark.parametrize(
        ("origin", "allowed"), [("https://app.example.com", True), ("https://evil.example.com", False)]
    )
    async def test_a_listed_page_reads_the_gateways_own_problems(
        self, public: httpx.AsyncClient, origin: str, allowed: bool
    ) -> None:
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = await public.options("/nowhere", headers=asks)
        answer = await public.post("/nowhere", headers={"Origin": origin})

        assert answer.status_code == 404
        for one in (preflight, answer):
            assert one.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
            assert (one.headers["Vary"], one.headers["Cache-Control"]) == ("Origin", "no-store")

    async def test_preflights_of_a_function_are_the_functions_to_answer(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        asks = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
        answer = await public.options("/api/v1/orders", headers=asks)

        assert [call.method for call in function.calls] == ["OPTIONS"]
        assert "Access-Control-Allow-Origin" not in answer.headers  # the recorder named none


class TestFaults:
    async def test_an_unavailable_function_is_waited_for_half_a_second(
        self, public: httpx.AsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        await function.stop()
        before = clock.now()
        asking = asyncio.create_task(public.get("/api/v1/orders"))
        while not asking.done():
            await until(lambda: asking.done() or clock.nearest() <= 1)
            if not asking.done():
                await clock.skip()

        answer = asking.result()
        assert clock.now() - before == timedelta(seconds=0.5)
        assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_function_that_comes_back_in_time_gets_the_whole_request(
        self, public: httpx.AsyncClient, function: Recorder, clock: FakeClock
    ) -> None:
        await function.stop()
        asking = asyncio.create_task(public.post("/api/v1/orders", content=b"body"))
        await until(lambda: clock.nearest() <= 1)

        await function.start()
        await clock.skip()

        assert (await asking).status_code == 200
        assert [call.body for call in function.calls] == [b"body"]

    async def test_a_request_that_a_function_may_have_seen_is_not_repeated(self, clock: FakeClock) -> None:
        seen = 0

        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal seen
            await reader.readuntil(b"\r\n\r\n")
            seen += 1
            writer.close()

        async with raw_function(hang_up, clock) as public:
            answer = await public.post("/api/v1/orders", content=b"body")

        assert (answer.status_code, answer.json()["code"], seen) == (503, "SERVICE_UNAVAILABLE", 1)

    async def test_a_partial_answer_is_not_a_complete_one(
        self, clock: FakeClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            await writer.drain()
            writer.close()

        async with raw_function(break_off, clock) as public:
            with pytest.raises(httpx.RemoteProtocolError):
                await public.get("/api/v1/orders")

        assert "Traceback" not in capsys.readouterr().err

    async def test_a_function_beyond_its_timeout_is_a_504(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        function.gate.clear()

        answer = await public.get("/api/v1/orders/nearby")

        assert (answer.status_code, answer.json()["code"]) == (504, "GATEWAY_TIMEOUT")
        function.gate.set()

    async def test_a_port_in_use_fails_the_start(self, gateway: Gateway) -> None:
        rival = Gateway(int(gateway.url.rpartition(":")[2]), MANIFESTS, {})

        with pytest.raises(OSError, match="in use"):
            await rival.start()
        await rival.stop()

    async def test_many_requests_at_once_are_all_answered(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        answers = await asyncio.gather(*(public.get(f"/api/v1/orders/{n}") for n in range(100)))

        assert {answer.status_code for answer in answers} == {200}
        assert len(function.calls) == 100
