"""The rewriting of requests and answers in the public gateway."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from emulators.gateway import Gateway
from tests.emulators.fake_clock import FakeClock
from tests.emulators.gateway import in_front_of
from tests.emulators.recorder import Call, Recorder


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
    async def test_a_well_formed_request_id_is_kept(
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

    async def test_a_trace_is_continued_or_started(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

        kept = await self.call(public, function, {"traceparent": given})
        begun = await self.call(public, function, {})
        broken = given.replace("4bf9", "XXXX")
        mended = await self.call(public, function, {"traceparent": broken})

        assert kept.headers["traceparent"] == given
        version, trace, span, flags = begun.headers["traceparent"].split("-")
        assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
        assert mended.headers["traceparent"] not in (broken, begun.headers["traceparent"])

    async def test_the_client_and_the_gateway_are_the_last_entries_of_forwarded_for(
        self, public: httpx.AsyncClient, function: Recorder
    ) -> None:
        plain = await self.call(public, function, {})
        claimed = await self.call(
            public, function, {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
        )

        assert plain.headers["x-forwarded-for"] == "127.0.0.1, 127.0.0.1"
        assert plain.headers["x-forwarded-proto"] == "http"
        assert claimed.headers["x-forwarded-for"] == "1.2.3.4, 127.0.0.1, 127.0.0.1"
        assert claimed.headers["x-forwarded-proto"] == "http"

    async def test_a_request_body_is_streamed(self, clock: FakeClock) -> None:
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

    async def test_an_answer_is_streamed(self, clock: FakeClock) -> None:
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

    async def test_a_function_notices_a_disconnected_client(self, clock: FakeClock) -> None:
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


async def answer(
    send: Send, body: bytes, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers or []}
    await send(start)
    await send({"type": "http.response.body", "body": body})
