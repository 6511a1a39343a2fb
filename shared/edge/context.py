"""The ASGI layer around every function: trace, request log, body limit, last-resort errors."""

from __future__ import annotations

import asyncio
import os
import re
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.edge import cors, errors, security_headers
from shared.edge.fields import field, fields_of
from shared.edge.logging import current_function
from shared.edge.ratelimit import reply_fields
from shared.edge.request_log import note
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


def incoming_trace(traceparent: str | None, request_id: str | None) -> Trace:
    """Return the trace of the caller if it is well-formed, else a new one."""
    made = os.urandom(32).hex()
    if not traceparent or not _TRACEPARENT.fullmatch(traceparent):
        traceparent = f"00-{made[:32]}-{made[32:48]}-01"
    if not request_id or not _REQUEST_ID.fullmatch(request_id):
        request_id = f"req_{made[48:]}"
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
        started = time.perf_counter()
        scope.pop("route", None)  # functions_framework's own, which matches anything
        trace = incoming_trace(field(scope, b"traceparent"), field(scope, b"x-request-id"))
        current_trace.set(trace)
        current_function.set(self.function)
        answered = _Answer(send, scope, trace.request_id)
        try:
            allowed = _allowed_origin(scope)
            answered.headers += cors.answer_headers(allowed)
            await self._app_for(scope, allowed)(scope, _Capped(scope, receive, self.max_body), answered)
        except ClientDisconnect:
            answered.status = CLIENT_GONE
        except Exception as error:
            response = errors.unexpected(error, scope["path"])
            if not answered.status:
                await response(scope, receive, answered)
        finally:
            path = getattr(scope.get("route"), "path", "(no route)")
            code = scope.get(errors.CODE, "")
            note(scope["method"], path, answered.status, time.perf_counter() - started, code)

    def _app_for(self, scope: Scope, allowed_origin: str) -> ASGIApp:
        """Return what serves the request: a preflight meets no route and no rate limit."""
        if cors.is_preflight(scope):
            return cors.preflight_answer() if allowed_origin else _not_allowed
        return _nowhere if _CONTROL.search(scope["path"]) else self.app


def _allowed_origin(scope: Scope) -> str:
    """Return the origin that may read the answer; the settings are asked only where there is one."""
    if b"origin" not in fields_of(scope):
        return ""
    settings: Settings = scope["app"].state.settings()
    return cors.allowed_origin(field(scope, b"origin"), settings.origins)


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

    def __init__(self, send: Send, scope: Scope, request_id: str) -> None:
        self._send = send
        self._scope = scope
        self.headers = [(b"x-request-id", request_id.encode())]
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [*message["headers"], *self.headers, *reply_fields(self._scope)]
            message["headers"] = [*own, *security_headers.lacking(own)]
        await self._send(message)


class _Capped:
    """A `receive` that answers a body over `limit` bytes with 413 and a slow one with 408."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self._scope, self._receive, self._limit = scope, receive, limit
        self._deadline = time.monotonic() + BODY_DEADLINE_S
        self._received = 0
        self._complete = False

    async def __call__(self) -> Message:
        """Return the next part of the body, or what follows it."""
        if self._complete:
            return await self._receive()
        declared = field(self._scope, b"content-length")
        if declared.isdigit() and int(declared) > self._limit:
            raise self._too_large()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message: dict[str, Any] = dict(await self._receive())
        except TimeoutError:
            raise HTTPException(408, "The body did not arrive in time.") from None
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            raise self._too_large()
        self._complete = not message.get("more_body", False)
        return message

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body may have at most {self._limit} bytes.")
