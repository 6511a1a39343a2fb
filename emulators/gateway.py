"""The public entry point: route paths to functions as the production load balancer does.

Bodies are streamed in both directions. The gateway never repeats a request of which a function may
have received a part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from emulators import forwarding
from emulators.clock import Clock, SystemClock, pause
from emulators.cross_origin import open_to_pages
from emulators.problem import problem
from emulators.routes import Routes, Target
from emulators.serving import POOL_LIMITS, AppServer
from shared.edge import cors
from shared.edge.callable import PREFIX, in_protocol
from shared.manifest import Manifest

# A function that is being restarted refuses connections for a moment.
RECONNECT_WINDOW = timedelta(seconds=0.5)
RECONNECT_PAUSE_SECONDS = 0.05
CONNECT_SECONDS = 2.0


class Gateway:
    """The public reverse proxy; port 0 selects a free port.

    Preflights are answered by the functions, as in production. The gateway's own answers can be read by pages
    of `origins`, so that a page sees why its call failed. `operations` name the function of each callable.
    """

    def __init__(
        self,
        port: int,
        manifests: Mapping[str, Manifest],
        urls: Mapping[str, str],
        clock: Clock | None = None,
        origins: Collection[str] = (),
        operations: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._origins = origins
        self._routes = Routes(manifests, urls, operations)
        self._clock = clock or SystemClock()
        self._server = AppServer(self, port)
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._requests: Counter[str] = Counter(dict.fromkeys(self._routes.prefixes().values(), 0))

    @property
    def url(self) -> str:
        """Base URL without a slash at its end."""
        return self._server.url

    async def start(self) -> None:
        """Start to answer; raises `OSError` when the port is taken."""
        if self._transport is None:
            # Not a client: a proxy must not handle cookies, redirects or default headers.
            self._transport = httpx.AsyncHTTPTransport(limits=POOL_LIMITS, trust_env=False)
            await self._server.start()

    async def stop(self) -> None:
        """Stop answering; running requests have one second to end."""
        await self._server.stop()
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    def counters(self) -> dict[str, int]:
        """Return the number of requests to each public function."""
        return dict(self._requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        identity = forwarding.request_id(request)
        try:
            response = await self._respond(request, identity)
            if not isinstance(response, _Relay):
                open_to_pages(request, response, self._origins)
            await response(scope, receive, send)
        except (ClientDisconnect, httpx.HTTPError):
            # One side disconnected. Returning without the last chunk makes the server cut the connection, so
            # that the client does not take a partial answer for a complete one.
            return

    async def _respond(self, request: Request, identity: str) -> Response:
        path = request.scope["path"]
        if path == "/" and request.method in ("GET", "HEAD"):
            return JSONResponse({"prefixes": self._routes.prefixes()})
        target = self._routes.find(path)
        if target is None and cors.is_preflight(request.scope):
            return cors.preflight_answer()  # else the page would never see the problem
        if target is None:
            return self._problem(request, identity, HTTPStatus.NOT_FOUND)
        self._requests[target.function] += 1
        try:
            upstream = await self._answer(request, target, identity)
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            return self._problem(request, identity, HTTPStatus.GATEWAY_TIMEOUT)
        except httpx.HTTPError:
            return self._problem(request, identity, HTTPStatus.SERVICE_UNAVAILABLE)
        return _Relay(upstream, identity)

    async def _answer(self, request: Request, target: Target, identity: str) -> httpx.Response:
        """Return the function's response without its body read; raises `httpx.HTTPError`."""
        if self._transport is None:
            raise RuntimeError("the gateway is not running")
        headers = forwarding.towards_function(request, identity)
        retry_until = self._clock.now() + RECONNECT_WINDOW
        while True:
            try:
                return await self._transport.handle_async_request(_upstream(request, target, headers))
            except httpx.ConnectError:
                # Nothing has been sent, not even a part of the body.
                if self._clock.now() >= retry_until:
                    raise
                await pause(self._clock, RECONNECT_PAUSE_SECONDS)

    def _problem(self, request: Request, identity: str, status: HTTPStatus) -> Response:
        code, detail, headers = PROBLEMS[status]
        answer = problem(
            status=status,
            code=code,
            detail=detail,
            instance=request.scope["path"],
            request_id=identity,
            now=self._clock.now(),
            headers=headers,
        )
        return in_protocol(answer) if request.scope["path"].startswith(PREFIX) else answer


PROBLEMS: dict[HTTPStatus, tuple[str, str, dict[str, str]]] = {
    HTTPStatus.NOT_FOUND: ("NOT_FOUND", "There is nothing at this path.", {}),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "SERVICE_UNAVAILABLE",
        "The service cannot be reached at the moment.",
        {"Retry-After": "1"},
    ),
    HTTPStatus.GATEWAY_TIMEOUT: ("GATEWAY_TIMEOUT", "The service did not answer in time.", {}),
}


def _upstream(request: Request, target: Target, headers: forwarding.Headers) -> httpx.Request:
    has_body = "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
    query = request.scope["query_string"]
    timeout = httpx.Timeout(target.timeout_seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
    return httpx.Request(
        request.method,
        target.url,
        headers=headers,
        content=request.stream() if has_body else None,
        extensions={
            "timeout": timeout.as_dict(),
            # The exact bytes of the path: a URL object would normalise it.
            "target": request.scope["raw_path"] + (b"?" + query if query else b""),
        },
    )


class _Relay(StreamingResponse):
    """The function's response as it arrives, without decompression.

    Raises `httpx.HTTPError` when it is interrupted.
    """

    def __init__(self, upstream: httpx.Response, identity: str) -> None:
        super().__init__(upstream.aiter_raw(), upstream.status_code)
        self.raw_headers = forwarding.towards_client(upstream.headers.raw, identity)
        self._upstream = upstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also when the client disconnected, so that the function notices it.
            await self._upstream.aclose()
