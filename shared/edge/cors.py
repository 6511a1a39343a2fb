"""Cross-origin requests: which pages of other origins may read the answers (Fetch standard, "CORS protocol").

The origins are listed in the setting `CORS_ORIGINS`. Callers are known by their bearer token, never by a
cookie, so no answer allows credentials: a page sends the token itself. A page of an origin that is not on the
list gets its answer without the permission to read it, and its preflight is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.responses import Response
from starlette.types import Scope

from shared.edge.fields import fields_of

ANY = "*"
"""Allows every origin; for local stacks alone."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Device-Id",
    "X-Request-Id",
    "Traceparent",
    # What the Firebase client SDK adds to a callable request.
    "Firebase-Instance-ID-Token",
    "X-Firebase-AppCheck",
    "X-Firebase-Client",
    "X-Firebase-GMPID",
)
"""The header fields that a page may send."""

EXPOSED_HEADERS = (
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
"""The header fields of an answer that a page may read, besides those that every page may."""

MAX_AGE_S = 7200
"""How long a browser may remember a preflight; Chromium remembers none longer."""

Headers = list[tuple[bytes, bytes]]


def parsed_origins(text: str, *, production: bool) -> tuple[str, ...]:
    """Return the origins of a list that is separated by blanks or commas.

    Raises `ValueError` for what is no origin and, in production, for `*` and for `http://`, whose pages any
    network on the way can change.
    """
    origins = tuple(text.replace(",", " ").split())
    for origin in origins:
        if origin != ANY and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"CORS_ORIGINS: {origin} is not an origin such as https://app.example.com")
        if production and (origin == ANY or origin.startswith("http://")):
            raise ValueError(f"CORS_ORIGINS: {origin} is not allowed in production; list https:// origins")
    return origins


def is_preflight(scope: Scope) -> bool:
    """Say whether a browser asks what a page may send."""
    if scope["method"] != "OPTIONS":
        return False
    fields = fields_of(scope)
    return b"origin" in fields and b"access-control-request-method" in fields


def allowed_origin(origin: str, origins: Collection[str]) -> str:
    """Return what the answer to a page of an origin allows to read it: the origin, `*`, or nothing."""
    if ANY in origins:
        return ANY
    return origin if origin in origins else ""


def answer_headers(allowed_origin: str) -> Headers:
    """Return what every answer says about other origins, also to a request without an origin.

    `Vary` keeps a cache from giving one origin the answer to another.
    """
    if not allowed_origin:
        return [_VARY]
    return [(b"access-control-allow-origin", allowed_origin.encode("latin-1")), _EXPOSED, _VARY]


def preflight_answer() -> Response:
    """Return the answer to the preflight of an allowed origin; `answer_headers` names the origin."""
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": ", ".join(METHODS),
            "Access-Control-Allow-Headers": ", ".join(REQUEST_HEADERS),
            "Access-Control-Max-Age": str(MAX_AGE_S),
        },
    )


_VARY = (b"vary", b"Origin")
_EXPOSED = (b"access-control-expose-headers", ", ".join(EXPOSED_HEADERS).encode())
