"""Rewrite the headers of a request and of its response, as the gateway forwards them."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterable

from starlette.requests import Request

Headers = list[tuple[bytes, bytes]]

# RFC 9110, section 7.6.1, and `expect`, which the server has answered already.
HOP_BY_HOP = frozenset(
    [
        *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization"),
        *(b"te", b"trailer", b"trailers", b"transfer-encoding", b"upgrade", b"expect"),
    ]
)
# Only the platform may send these; functions trust them.
PLATFORM = (b"x-cloudtasks-", b"x-cloudscheduler", b"ce-")
REPLACED = frozenset((b"x-request-id", b"traceparent", b"x-forwarded-for", b"x-forwarded-proto"))
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# https://www.w3.org/TR/trace-context/#traceparent-header, version 00; neither id may be all zeros.
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def request_id(request: Request) -> str:
    """Return the client's request id if it is well-formed, else a new one."""
    client_id = request.headers.get("x-request-id", "")
    return client_id if REQUEST_ID.fullmatch(client_id) else uuid.uuid4().hex


def towards_function(request: Request, identity: str) -> Headers:
    """Return the headers for the function.

    The client's address and our own are appended to X-Forwarded-For, as Google's load balancer does: only
    the last two entries can be trusted.
    """
    headers = [
        (name, value)
        for name, value in end_to_end(request.headers.raw)
        if name not in REPLACED and not name.startswith(PLATFORM)
    ]
    client = request.client.host if request.client else "unknown"
    own = (request.scope.get("server") or ("unknown",))[0]
    forwarded = ", ".join([*request.headers.getlist("x-forwarded-for"), client, own])
    trace = request.headers.get("traceparent", "")
    if not TRACEPARENT.fullmatch(trace):
        trace = f"00-{uuid.uuid4().hex}-{secrets.token_hex(8)}-01"
    added = {
        "x-request-id": identity,
        "traceparent": trace,
        "x-forwarded-for": forwarded,
        "x-forwarded-proto": request.url.scheme,
    }
    return headers + [(name.encode(), value.encode("latin-1")) for name, value in added.items()]


def towards_client(raw: Iterable[tuple[bytes, bytes]], identity: str) -> Headers:
    """Return the headers for the client: the function's, and the request id if it set none."""
    headers = end_to_end(raw)
    if not any(name == b"x-request-id" for name, _ in headers):
        headers.append((b"x-request-id", identity.encode()))
    return headers


def end_to_end(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers without those of one connection, names in lower case."""
    headers = [(name.lower(), value) for name, value in raw]
    named = {
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    }
    return [(name, value) for name, value in headers if name not in HOP_BY_HOP | named]
