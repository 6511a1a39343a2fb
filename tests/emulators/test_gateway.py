"""The public gateway in front of functions that record their calls."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.gateway import Gateway
from emulators.routes import Routes
from emulators.serving import AppServer
from infra.manifest import Deploy, HttpTrigger, Manifest
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Call, Recorder
from tests.emulators.waiting import until


def manifest(name: str, *paths: str, timeout_seconds: int = 30) -> Manifest:
    return Manifest(
        name=name,
        summary="A function of the tests",
        http=HttpTrigger(paths=paths) if paths else None,
        deploy=Deploy(service_account=name, timeout_seconds=timeout_seconds),
    )


MANIFESTS = {
    each.name: each
    for each in (
        manifest("orders_api", "/api/v1/orders", "/api/v1/quotes"),
        manifest("dispatch_api", "/api/v1/orders/nearby", timeout_seconds=1),
        manifest("payments_events"),
    )
}


@pytest.fixture
async def gateway(function: Recorder, clock: FakeClock) -> AsyncIterator[Gateway]:
    gateway = Gateway(0, MANIFESTS, dict.fromkeys(MANIFESTS, function.url), clock)
    await gateway.start()
    yield gateway
    await gateway.stop()


@pytest.fixture
async def public(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10, trust_env=False) as client:
        yield client


@asynccontextmanager
async def in_front_of(app: ASGIApp, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose every function is `app`."""
    server = AppServer(app, 0)
    await server.start()
    gateway = Gateway(0, MANIFESTS, dict.fromkeys(MANIFESTS, server.url), clock)
    await gateway.start()
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10, trust_env=False) as client:
        yield client
    await gateway.stop()
    await server.stop()


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
    def test_the_longest_prefix_on_a_segment_border_wins(self, path: str, function: str | None) -> None:
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


class TestRequest:
    async def call(self, public: httpx.AsyncClient, function: Recorder, headers: dict[str, str]) -> Call:
        await public.get("/api/v1/orders", headers=headers)
        return await function.next_call()

    async def test_a_request_arrives_as_it_was_sent(
        self, public: httpx.AsyncClient, function: Recorder, gateway: Gateway
    ) -> None:
        headers = {"Authorization": "Bearer x", "Idempotency-Key": "k", "Content-Type": "application/json"}
        url = f"{gateway.url}/api/v1/orders/a%2Fb%20c?q=%26&q=2"
        await public.put(url, headers=headers, content=b'{"a": 1}')

        call = await function.next_call()

        assert (call.method, call.target, call.body) == ("PUT", url.removeprefix(gateway.url), b'{"a": 1}')
        assert {name: call.headers[name] for name in headers} == headers
        assert call.headers["host"] == gateway.url.removeprefix("http://")
        assert call.headers["content-length"] == "8"

    async def test_headers_of_the_platform_never_come_from_outside(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        forged = {
            "X-CloudTasks-QueueName": "offers",
            "x-cloudtasks-taskname": "1",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": "sweep",
            "ce-id": "1",
            "CE-Type": "google.cloud.pubsub.topic.v1.messagePublished",
        }

        call = await self.call(public, function, forged)

        assert not [name for name in call.headers if name.startswith(("x-cloud", "ce-"))]

    async def test_headers_of_one_connection_end_there(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        own = {"Connection": "keep-alive, X-Secret-Hop", "X-Secret-Hop": "1", "TE": "trailers", "X-Kept": "1"}

        call = await self.call(public, function, own)

        assert "x-secret-hop" not in call.headers
        assert "te" not in call.headers
        assert call.headers["x-kept"] == "1"

    @pytest.mark.parametrize("given", ["abc", "A-z_9", "x" * 64])
    async def test_a_sane_request_id_is_kept(
        self, public: httpx.AsyncClient, function: Recorder, given: str
    ) -> None:
        call = await self.call(public, function, {"X-Request-Id": given})

        assert call.headers.getlist("x-request-id") == [given]

    @pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", 'a"b', "a,b"])
    async def test_another_request_id_is_replaced(
        self, public: httpx.AsyncClient, function: Recorder, given: str
    ) -> None:
        call = await self.call(public, function, {"X-Request-Id": given})

        (made,) = call.headers.getlist("x-request-id")
        assert made != given
        assert len(made) == 32

    async def test_a_trace_is_continued_or_begun(self, public: httpx.AsyncClient, function: Recorder) -> None:
        given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

        kept = await self.call(public, function, {"traceparent": given})
        begun = await self.call(public, function, {})
        mended = await self.call(public, function, {"traceparent": given.replace("4bf9", "XXXX")})

        assert kept.headers["traceparent"] == given
        version, trace, span, flags = begun.headers["traceparent"].split("-")
        assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
        assert mended.headers["traceparent"] not in (given, begun.headers["traceparent"])

    async def test_the_client_is_the_last_entry_of_forwarded_for(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        plain = await self.call(public, function, {})
        claimed = await self.call(
            public, function, {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
        )

        assert plain.headers["x-forwarded-for"] == "127.0.0.1"
        assert plain.headers["x-forwarded-proto"] == "http"
        assert claimed.headers["x-forwarded-for"] == "1.2.3.4, 127.0.0.1"
        assert claimed.headers["x-forwarded-proto"] == "http"

    async def test_a_body_flows_through_while_it_is_still_being_sent(self, clock: FakeClock) -> None:
        arrived: asyncio.Queue[bytes] = asyncio.Queue()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            more = True
            while more:
                message = await receive()
                more = message["more_body"]
                arrived.put_nowait(message["body"])
            await answer(send, b"")

        async def upload() -> AsyncIterator[bytes]:
            yield b"first"
            assert await arrived.get() == b"first"
            yield b"second"

        async with in_front_of(app, clock) as public:
            response = await public.post("/api/v1/orders", content=upload())

        assert response.status_code == 200
        assert await arrived.get() == b"second"


class TestResponse:
    async def test_an_answer_arrives_as_it_was_given(self, clock: FakeClock) -> None:
        packed = gzip.compress(b"hello")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
            coding = [(b"content-encoding", b"gzip"), (b"date", b"today"), (b"x-request-id", b"its-own")]
            await answer(send, packed, status=418, headers=cookies + coding)

        async with in_front_of(app, clock) as public:
            response = await public.get("/api/v1/orders")

        assert response.status_code == 418
        assert response.text == "hello"
        assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert response.headers.get_list("date") == ["today"]
        assert response.headers.get_list("x-request-id") == ["its-own"]

    async def test_an_answer_without_a_request_id_gets_it(self, public: httpx.AsyncClient) -> None:
        response = await public.get("/api/v1/orders", headers={"X-Request-Id": "mine"})

        assert response.headers["x-request-id"] == "mine"

    async def test_an_answer_flows_through_while_it_is_still_being_made(self, clock: FakeClock) -> None:
        first_was_read = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            await first_was_read.wait()
            await send({"type": "http.response.body", "body": b"second"})

        async with in_front_of(app, clock) as public, public.stream("GET", "/api/v1/orders") as response:
            chunks = response.aiter_raw()
            assert await anext(chunks) == b"first"
            first_was_read.set()
            assert await anext(chunks) == b"second"

    async def test_a_function_hears_that_the_client_has_gone(self, clock: FakeClock) -> None:
        gone = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                continue
            gone.set()

        async with in_front_of(app, clock) as public:
            async with public.stream("GET", "/api/v1/orders") as response:
                await anext(response.aiter_raw())
            await gone.wait()


class TestFaults:
    async def test_a_function_that_is_away_is_waited_for_half_a_second(
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

    async def test_a_part_of_an_answer_is_not_taken_for_the_whole(self, clock: FakeClock) -> None:
        async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            await writer.drain()
            writer.close()

        async with raw_function(break_off, clock) as public:
            with pytest.raises(httpx.RemoteProtocolError):
                await public.get("/api/v1/orders")

    async def test_a_function_that_takes_longer_than_it_may_is_a_504(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        function.gate.clear()

        answer = await public.get("/api/v1/orders/nearby")

        assert (answer.status_code, answer.json()["code"]) == (504, "GATEWAY_TIMEOUT")
        function.gate.set()

    async def test_a_port_that_is_taken_is_an_error_of_the_start(self, gateway: Gateway) -> None:
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


async def answer(
    send: Send, body: bytes, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers or []}
    await send(start)
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def raw_function(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], clock: FakeClock
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway in front of a server that does as it likes with its connections."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    gateway = Gateway(0, MANIFESTS, dict.fromkeys(MANIFESTS, url), clock)
    await gateway.start()
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10, trust_env=False) as client:
        yield client
    await gateway.stop()
    server.close()
    await server.wait_closed()
