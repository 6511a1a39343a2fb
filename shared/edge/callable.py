"""Every public operation as a Firebase callable: `POST /callable/{operationId}` with `{"data": …}`.

`httpsCallable(functions, "placeOrder")` of the client SDK sends one object. Its values go where the route of
the operation wants them: into path, query, `Idempotency-Key`, `If-Match` and, what is left, the body. The
request then takes the way of any other through the app, with the same checks, and the answer comes back as
`{"result": …}` or `{"error": {"status", "message", "details"}}`; `details` is the problem document.

Reference: https://firebase.google.com/docs/functions/callable-reference
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.edge import errors
from shared.edge.admission import check_query
from shared.edge.bodies import demand_json
from shared.edge.operations import HEADERS, Operation, Operations
from shared.kernel.errors import DomainError, FieldError, Invalid, Malformed, NotFound
from shared.kernel.strict_json import parse_json

PREFIX = "/callable/"
STATUSES: Mapping[int, tuple[str, int]] = {
    400: ("INVALID_ARGUMENT", 400),
    401: ("UNAUTHENTICATED", 401),
    403: ("PERMISSION_DENIED", 403),
    404: ("NOT_FOUND", 404),
    408: ("DEADLINE_EXCEEDED", 504),
    409: ("FAILED_PRECONDITION", 400),
    412: ("ABORTED", 409),
    413: ("INVALID_ARGUMENT", 400),
    415: ("INVALID_ARGUMENT", 400),
    422: ("INVALID_ARGUMENT", 400),
    425: ("FAILED_PRECONDITION", 400),
    429: ("RESOURCE_EXHAUSTED", 429),
    500: ("INTERNAL", 500),
    503: ("UNAVAILABLE", 503),
    504: ("DEADLINE_EXCEEDED", 504),
}
"""The canonical status (google.rpc.Code) of a problem's status, and the HTTP status that belongs to it."""

_INTEGERS = {f"type.googleapis.com/google.protobuf.{kind}Value" for kind in ("Int64", "UInt64")}
"""How the SDKs of Android and iOS write 64-bit integers."""

_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/\x00-\x1f\x7f]+")
_DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)


class NotCallable(Malformed):
    """The request is no callable request."""

    code = "NOT_CALLABLE"
    detail = 'A callable is a POST of `{"data": {…}}` as `application/json`.'


class UnknownCallable(NotFound):
    """No operation of this function has the name."""

    code = "UNKNOWN_CALLABLE"
    detail = "There is no operation of this name. The API document lists the `operationId` of each."


class CallableDataInvalid(Invalid):
    """The data has values that the operation has no place for, or lacks some."""

    code = "INVALID_REQUEST"
    detail = "The request has fields that are missing, unknown or out of bounds."


class Callables:
    """Serves an app's operations as callables, and hands every other request on."""

    def __init__(self, app: ASGIApp, operations: Operations) -> None:
        self._app = app
        self._load = operations
        self._operations: Mapping[str, Operation] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """Return the operation's answer in the callable protocol."""
        path = request.url.path
        try:
            operation = self._operation(path.removeprefix(PREFIX))
            check_query(request, {})
            data = await _data(request)
            _become(request.scope, operation, data)
            body = _body(operation, data)
            return await self._call(request.scope, body)
        except DomainError as error:
            request.scope[errors.CODE] = error.code
            return in_protocol(errors.domain_problem(error, path))
        except HTTPException as error:
            code = errors.CODES[error.status_code]
            request.scope[errors.CODE] = code
            return in_protocol(errors.problem(error.status_code, code, str(error.detail), instance=path))

    def _operation(self, name: str) -> Operation:
        if self._operations is None:
            self._operations = self._load()
        if name not in self._operations:
            raise UnknownCallable
        return self._operations[name]

    async def _call(self, scope: Scope, body: bytes) -> Response:
        """Send the request through the app, and return its answer in the protocol."""
        answer = Response()
        content = bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status_code, answer.raw_headers = message["status"], [*message["headers"]]
            else:
                content.extend(message.get("body", b""))

        try:
            await self._app(_with_body(scope, body), receive, keep)
        except ClientDisconnect:
            raise
        except Exception as error:
            return in_protocol(errors.unexpected(error, scope["path"]))
        answer.body = bytes(content)
        return in_protocol(answer)


def in_protocol(answer: Response) -> Response:
    """Return an answer of the API as the callable protocol has it; its header fields stay."""
    content = bytes(answer.body)
    if answer.status_code < 400:
        as_it_is = content and "json" in answer.headers.get("content-type", "")
        result = content if as_it_is else json.dumps(content.decode() or None).encode()
        text, status = b'{"result":' + result + b"}", 200
    else:
        problem = json.loads(content)
        fallback = ("INTERNAL", 500) if answer.status_code >= 500 else ("FAILED_PRECONDITION", 400)
        canonical, status = STATUSES.get(answer.status_code, fallback)
        error = {"status": canonical, "message": problem["detail"], "details": problem}
        text = json.dumps({"error": error}).encode()
    response = Response(text, status, media_type="application/json")
    kept = [one for one in answer.raw_headers if one[0] not in (b"content-length", b"content-type")]
    response.raw_headers += kept
    return response


async def _data(request: Request) -> dict[str, Any]:
    """Return the values of a callable request. Raises `NotCallable` and what a body is refused with."""
    if request.method != "POST":
        raise NotCallable
    body = await request.body()
    demand_json(request)
    content = parse_json(body)
    if not isinstance(content, dict) or content.keys() != {"data"}:
        raise NotCallable
    try:
        data = _decoded(content["data"])
    except RecursionError as error:
        raise NotCallable from error
    if not isinstance(data, dict | None):
        raise NotCallable("The data of a callable is an object, or null.")
    return data or {}


def _decoded(value: Any) -> Any:
    """Return a value with the SDKs' 64-bit integers as numbers."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("@type") in _INTEGERS and _DIGITS.fullmatch(str(value.get("value"))):
        return int(value["value"])
    return {name: _decoded(item) for name, item in value.items()}


def _become(scope: Scope, operation: Operation, data: dict[str, Any]) -> None:
    """Turn a callable request into that of its operation, taking from `data` what is not in the body."""
    path = operation.path
    for name in sorted(operation.in_path):
        path = path.replace(f"{{{name}}}", _segment(f"path/{name}", data.pop(name, None)))
    query = {name: data.pop(name) for name in sorted(operation.in_query & data.keys())}
    given = {name: value for name, value in query.items() if value is not None}
    headers = {HEADERS[name]: _header(name, data.pop(name, None)) for name in operation.in_headers}
    sent = {name.decode() for name, _ in scope["headers"]}
    if operation.key_required and not headers["idempotency-key"] and "idempotency-key" not in sent:
        headers["idempotency-key"] = f"callable-{secrets.token_hex(16)}"
    scope["method"] = operation.method
    scope["path"], scope["raw_path"] = path, quote(path).encode()
    scope["query_string"] = urlencode(
        [pair for name, value in given.items() for pair in _pairs(name, value)]
    ).encode()
    scope["headers"] = [
        *((name, value) for name, value in scope["headers"] if not headers.get(name.decode("latin-1"))),
        *((name.encode(), value.encode("latin-1")) for name, value in headers.items() if value),
    ]


def _body(operation: Operation, data: dict[str, Any]) -> bytes:
    """Return the values that are left as the body; none may be left where there is no body."""
    if operation.has_body:
        return json.dumps(data, separators=(",", ":")).encode() if data or operation.body_required else b""
    if data:
        unknown = (FieldError(f"/{name}", "Extra inputs are not permitted") for name in sorted(data))
        raise CallableDataInvalid(errors=tuple(unknown))
    return b""


def _with_body(scope: Scope, body: bytes) -> Scope:
    """Describe the body in the header fields; a request without one has no content type."""
    about = {b"content-type", b"content-length", b"transfer-encoding", b"accept-encoding"}
    scope["headers"] = [field for field in scope["headers"] if field[0] not in about]
    if body:
        scope["headers"] += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
    return scope


def _segment(at: str, value: Any) -> str:
    """Return a value as one segment of a path, so that it leads to no other route."""
    text = _text(at, value)
    if not _SEGMENT.fullmatch(text):
        raise _wrong(at, "Input should be an identifier")
    return text


def _header(name: str, value: Any) -> str:
    """Return a header field's value; a version for `If-Match` may be the bare number."""
    if value is None:
        return ""
    if name == "if_match" and isinstance(value, int):
        return f'"{value}"'
    text = _text(at := f"header/{HEADERS[name]}", value)
    if not text.isascii() or not text.isprintable():
        raise _wrong(at, "Input should be visible ASCII characters")
    return text


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    values = value if isinstance(value, list) else [value]
    return [(name, _text(f"query/{name}", one)) for one in values]


def _text(at: str, value: Any) -> str:
    if value is None:
        raise _wrong(at, "Field required")
    if isinstance(value, dict | list):
        raise _wrong(at, "Input should be a text or a number")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _wrong(at, "Input should be valid Unicode") from None
        return value
    return json.dumps(value)


def _wrong(at: str, message: str) -> CallableDataInvalid:
    """Name the value as the API's own problems do: `/path/order_id`, `/query/page_size`."""
    return CallableDataInvalid(errors=(FieldError(f"/{at}", message),))
