"""The ASGI layer around every function: trace, request log, body limit, last-resort errors."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.edge import cors, errors, security_headers
from shared.edge.logging import current_function
from shared.edge.ratelimit import reply_fields
from shared.edge.settings import Settings
from shared.kernel.trace import Trace, current_trace

CLIENT_GONE = 499
"""The status in the log when the client closed the connection before its body arrived."""

MAX_BODY = 1024 * 1024
"""The maximum size of a request body in bytes; the answer to a larger one is 413."""

BODY_DEADLINE_S = 20.0
"""The time in seconds within which a body must arrive."""

ORIGIN_NOT_ALLOWED = "ORIGIN_NOT_ALLOWED"
"""The code of a preflight that is refused."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Characters that no path has; a router ignores a line break at the end of a path."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

log = logging.getLogger("waybill.request")


def incoming_trace(traceparent: str | None, request_id: str | None) -> Trace:
    """Return the trace of the caller if it is well-formed, else a new one."""
    if not traceparent or not _TRACEPARENT.fullmatch(traceparent):
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    if not request_id or not _REQUEST_ID.fullmatch(request_id):
        request_id = f"req_{secrets.token_hex(8)}"
    return Trace(traceparent, request_id)


class RequestContext:
    """Sets the trace, limits the body, logs one line, and answers an unexpected error with 500."""

    def __init__(self, app: ASGIApp, function: str, max_body: int = MAX_BODY) -> None:
        self.app = app
        self.function = function
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.pop("route", None)  # functions_framework's own, which matches anything
        request = Request(scope)
        trace = incoming_trace(request.headers.get("traceparent"), request.headers.get("x-request-id"))
        current_trace.set(trace)
        current_function.set(self.function)
        headers: list[tuple[bytes, bytes]] = [(b"x-request-id", trace.request_id.encode())]
        started, answered = time.perf_counter(), _Answer(send, scope, headers)
        try:
            allowed = cors.allowed_origin(request, _origins(request))
            headers += cors.answer_headers(allowed)
            app = self._app_for(request, allowed)
            await app(scope, _capped(request, receive, self.max_body), answered)
        except ClientDisconnect:
            answered.status = CLIENT_GONE
        except Exception as error:
            response = errors.unexpected(error, request.url.path)
            if not answered.status:
                await response(scope, receive, answered)
        finally:
            _log(request, answered.status, time.perf_counter() - started)

    def _app_for(self, request: Request, allowed_origin: str) -> ASGIApp:
        """Return what serves the request: a preflight meets no route and no rate limit."""
        if cors.is_preflight(request):
            return cors.preflight_answer() if allowed_origin else _not_allowed
        return _nowhere if _CONTROL.search(request.scope["path"]) else self.app


def _origins(request: Request) -> Collection[str]:
    """Return the origins that the function's settings list; a request without an origin needs none."""
    if "origin" not in request.headers:
        return ()
    settings: Settings = request.app.state.settings()
    return settings.origins


async def _not_allowed(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 403 to the preflight of a page that may not call the API; its developer reads the reason."""
    scope[errors.CODE] = ORIGIN_NOT_ALLOWED
    detail = "Pages of this origin may not call the API: it is not in the setting `CORS_ORIGINS`."
    response = errors.problem(403, ORIGIN_NOT_ALLOWED, detail, instance=scope["path"])
    await response(scope, receive, send)


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404 for a path that no route can have."""
    response = errors.problem(404, "NOT_FOUND", "Not Found", instance=scope["path"])
    await response(scope, receive, send)


class _Answer:
    """Sends the response, records its status, and adds the headers of every answer."""

    def __init__(self, send: Send, scope: Scope, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._scope = scope
        self._headers = headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [*message["headers"], *self._headers, *reply_fields(self._scope)]
            message["headers"] = [*own, *security_headers.lacking(own)]
        await self._send(message)


def _capped(request: Request, receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    """Return a `receive` that answers a body over `limit` bytes with 413 and a slow one with 408."""
    declared = request.headers.get("content-length", "0")
    too_large = HTTPException(413, f"The body may have at most {limit} bytes.")
    received = 0
    deadline = time.monotonic() + BODY_DEADLINE_S
    complete = False

    async def limited() -> Message:
        nonlocal received, complete
        if complete:
            return await receive()
        if declared.isdigit() and int(declared) > limit:
            raise too_large
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                message: dict[str, Any] = dict(await receive())
        except TimeoutError:
            raise HTTPException(408, "The body did not arrive in time.") from None
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large
        complete = not message.get("more_body", False)
        return message

    return limited


def _log(request: Request, status: int, seconds: float) -> None:
    extra = {
        "method": request.method,
        "path": getattr(request.scope.get("route"), "path", "(no route)"),
        "status": status,
        "latency_ms": round(seconds * 1000, 1),
    }
    if code := request.scope.get(errors.CODE):
        extra["code"] = code
    level = logging.WARNING if status >= 500 else logging.INFO
    log.log(level, "request", extra=extra)
