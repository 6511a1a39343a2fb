"""The public API in the simulated process: a call goes through the function's own app, edge included.

No socket and no HTTP client: the app is called as an ASGI server calls it, inside the process that serves the
call, so that whatever ends the process ends the request.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from fastapi import FastAPI

from emulators.client.api import PREFIX
from emulators.client.call import Call
from shared.composition.public import CallerPorts
from shared.edge.errors import CODES
from shared.identity.ports import RoleStore
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal, Role
from shared.kernel.errors import DomainError, Unavailable
from tests.simulation.deployed import operations
from tests.simulation.process import EPOCH, current_process
from tests.simulation.runtime import SimulatedRuntime, current_runtime, ports_of

SCRIPTED = "operator"
"""Who approves merchants and drivers in every run: an admin with a second factor, without an account."""

Headers = list[tuple[bytes, bytes]]


class Unforeseen(Exception):
    """The edge refused what no actor should send, or answered 500; the cause is the error behind it."""


async def perform(call: Call, key: str | None = None) -> dict[str, Any]:
    """Serve a call of the process's person and return the body of the answer, or raise the domain's error.

    Where contexts share a code, the error is of any one of them.
    """
    answer = _Answer()
    body = json.dumps(call.body or {}).encode() if call.body is not None or call.method == "POST" else b""
    scope = _scope(call, [*_headers(call, key), (b"content-length", str(len(body)).encode())])
    given = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> MutableMapping[str, Any]:
        return next(given, {"type": "http.disconnect"})

    await _app(operations()[call.method, PREFIX + call.template])(scope, receive, answer.send)
    found: dict[str, Any] = json.loads(answer.content) if answer.content else {}
    if answer.status < 400:
        return found
    raise _error(answer, found) from answer.error


@dataclass(slots=True)
class _Answer:
    status: int = 0
    content: bytes = b""
    error: BaseException | None = None

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.error = sys.exc_info()[1]  # a 500 is sent while its cause is being handled
        else:
            self.content += message.get("body", b"")


def _error(answer: _Answer, problem: Mapping[str, Any]) -> Exception:
    if answer.status == 503:
        return Unavailable()
    kind = _errors().get(problem["code"])
    return kind() if kind else Unforeseen(f"{answer.status} {problem} {answer.error!r}")


@cache
def _errors() -> Mapping[str, type[DomainError]]:
    """Return the errors by code, without the bare kinds and what the edge says of a request as such."""
    named = (kind for kind in _kinds(DomainError) if kind.__module__ != DomainError.__module__)
    return {kind.code: kind for kind in named if kind.code not in CODES.values()}


def _kinds(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _headers(call: Call, key: str | None) -> Headers:
    number = current_process.get().number
    headers = [
        (b"host", b"waybill"),
        (b"authorization", b"Bearer token"),
        (b"content-type", b"application/json"),
        (b"traceparent", f"00-{number + 1:032x}-{number + 1:016x}-01".encode()),
        (b"x-request-id", f"req_{number}".encode()),
    ]
    if key is not None:
        headers.append((b"idempotency-key", key.encode()))
    if call.if_match is not None:
        headers.append((b"if-match", call.if_match.encode()))
    return headers


def _scope(call: Call, headers: Headers) -> dict[str, Any]:
    assert not call.query, "no actor sends a query yet"
    path = PREFIX + call.path
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("192.0.2.1", 1),
        "server": ("waybill", 80),
    }


@cache
def _app(function: str) -> FastAPI:
    """Return the app of a function over the current run; the module's own stays as it is."""
    app: FastAPI = copy(importlib.import_module(f"functions.{function}.main").app)
    app.state = _State(function)  # type: ignore[assignment]
    app.middleware_stack = None
    return app


@dataclass(frozen=True, slots=True)
class _State:
    """What the edge finds in the state of an app: all of it belongs to the process that serves the call."""

    function: str
    rate_limiter: None = field(default=None)

    @property
    def ports(self) -> Any:
        return ports_of(self.function)

    @property
    def runtime(self) -> SimulatedRuntime:
        return current_runtime.get()

    def tokens(self) -> _Tokens:
        return _Tokens()

    def roles(self) -> _Roles:
        return _Roles(CallerPorts(self.runtime).roles)


class _Tokens:
    """Whatever the token, the caller is the person of the process."""

    async def verify(self, token: str) -> Principal:
        person = current_process.get().person
        assert person is not None, "the platform calls no API"
        return person


@dataclass(frozen=True, slots=True)
class _Roles:
    """The stored account status of each user but the scripted operator."""

    stored: RoleStore

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        if uid != SCRIPTED:
            return await self.stored.account_status(uid, session_id)
        return AccountStatus(
            frozenset({Role.ADMIN}), second_factor=True, recent_mfa_until=EPOCH + timedelta(days=1)
        )
