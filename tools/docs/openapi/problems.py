"""The answers of a refused operation: its own codes by status, those of its kind, and the common ones.

An operation lists what depends on it: the errors that its route declares, and those that its dependencies do
(the level of authentication, the idempotency key, `If-Match`). What the platform may answer to any request is
described once, in a table in the document's introduction, to which the `default` answer refers.
"""

from __future__ import annotations

import http
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.edge import auth, callers, idempotency, ratelimit
from shared.edge.errors import MEDIA_TYPE, status_of
from shared.edge.schemas import InvalidPageToken
from shared.kernel import access, errors
from shared.kernel.access import TokenExpired, TokenInvalid
from shared.kernel.errors import DocumentRefused, DomainError
from shared.kernel.idempotency import IdempotencyKeyReused
from shared.profiles.ports import MapUnavailable
from shared.verification.ports import FilesUnavailable

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
        "timestamp",
        "errors",
    ],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path of the request."},
        "code": {"type": "string", "description": "Stable; programs compare this."},
        "request_id": {"type": "string", "description": "Quote it when you ask for support."},
        "timestamp": {"type": "string", "format": "date-time"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the request."},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class When(StrEnum):
    """Which operations may answer with a common code."""

    ANY = "any operation"
    SIGNED_IN = "operations with a sign-in"
    VERIFIED = "operations for verified users (`x-needs-verified`)"
    BODY = "operations with a body"
    PATH = "operations with an id in their path"
    KEY = "operations with an idempotency key"


@dataclass(frozen=True, slots=True)
class Common:
    """A code that many operations may answer with, for a reason that has nothing to do with what they do."""

    code: str
    status: int
    when: When
    detail: str


TRANSPORT = (
    Common("MALFORMED", 400, When.BODY, "The body is not valid JSON, or names a key twice."),
    Common(
        "NOT_FOUND", 404, When.PATH, "There is nothing under this path: it has characters that no id has."
    ),
    Common("TIMEOUT", 408, When.BODY, "The body did not arrive in time."),
    Common("TOO_LARGE", 413, When.BODY, "The body is larger than allowed."),
    Common("UNSUPPORTED_MEDIA_TYPE", 415, When.BODY, "Send the body as `application/json`."),
    Common(
        "INVALID_REQUEST",
        422,
        When.ANY,
        "The query has a parameter that the operation does not have. `errors` names it.",
    ),
)
"""Problems of the request itself, before the operation sees it."""

ERRORS: Mapping[type[DomainError], When] = {
    callers.TokenMissing: When.SIGNED_IN,
    TokenInvalid: When.SIGNED_IN,
    TokenExpired: When.SIGNED_IN,
    access.SessionRevoked: When.SIGNED_IN,
    access.AccountDisabled: When.SIGNED_IN,
    auth.EmailNotVerified: When.VERIFIED,
    auth.PhoneNotVerified: When.VERIFIED,
    auth.EmailAndPhoneNotVerified: When.VERIFIED,
    idempotency.IdempotencyKeyMissing: When.KEY,
    idempotency.IdempotencyKeyMalformed: When.KEY,
    IdempotencyKeyReused: When.KEY,
    DocumentRefused: When.BODY,
    ratelimit.RateLimited: When.ANY,
    ratelimit.RateLimitsUnavailable: When.ANY,
    errors.Unavailable: When.ANY,
    FilesUnavailable: When.ANY,
    MapUnavailable: When.ANY,
    errors.Contended: When.ANY,
    errors.AmbiguousOutcome: When.ANY,
}
"""Errors that the edge and the platform raise."""

INTRODUCTION = """\
A refused request is answered with problem details (RFC 9457), `application/problem+json`. Programs compare
`code`; `detail` is for people. Each operation lists the codes that depend on it. Besides those it may answer
with the following, to which its `default` answer refers. After 429 and 503, wait for `Retry-After` seconds
and send the same request again, with the same idempotency key.

| status | code | who answers it | what to do |
| --- | --- | --- | --- |
{rows}

`INTERNAL` (500) is a fault of the server: quote its `request_id`."""

INVALID = "INVALID_REQUEST"
INVALID_DETAIL = "The request has fields that are missing, unknown or out of bounds."


def common_codes() -> list[Common]:
    """Return the common codes, by status and name."""
    found = [Common(error.code, status_of(error()), when, error.detail) for error, when in ERRORS.items()]
    return sorted([*TRANSPORT, *found], key=lambda one: (one.status, one.code))


def introduction() -> str:
    """Return the description of the document: how requests are refused, and the table of common codes."""
    rows = [f"| {one.status} | `{one.code}` | {one.when} | {one.detail} |" for one in common_codes()]
    return INTRODUCTION.format(rows="\n".join(rows))


def extension() -> list[dict[str, Any]]:
    """Return the common codes for programs."""
    return [{"code": one.code, "status": one.status, "when": one.when.name.lower()} for one in common_codes()]


def components() -> dict[str, Any]:
    """Return the schemas and the responses that operations refer to."""
    example = next(one for one in common_codes() if one.code == ratelimit.RateLimited.code)
    anything = {
        "description": "A code that is not special to the operation: see the table in the introduction.",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": _example(example.status, example.code, example.detail),
            }
        },
    }
    return {"responses": {"Problem": anything}, "schemas": {"Problem": PROBLEM}}


def responses(
    own: Collection[type[DomainError]],
    kind: Collection[type[DomainError]],
    *,
    signed_in: bool,
    body: bool,
    parameters: Collection[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return OpenAPI responses by status.

    `own` are the errors that the route declares, `kind` those that its dependencies do; `parameters` are
    OpenAPI's. Where a common code may come with a listed status, the schema leaves `code` open.
    """
    codes: dict[int, dict[str, str]] = {}
    of_kind: set[type[DomainError]] = {*kind} - ERRORS.keys()
    if any(one["name"] == "page_token" for one in parameters):
        of_kind.add(InvalidPageToken)
    for error in {*own, *of_kind}:
        codes.setdefault(status_of(error()), {})[error.code] = error.detail
    shared = {error.code for error in of_kind - {*own}}
    if body or parameters:
        codes.setdefault(422, {})[INVALID] = INVALID_DETAIL
        shared.add(INVALID)
    kinds = {*_kinds(signed_in, body, parameters)}
    common = {
        one.status
        for one in common_codes()
        if one.when in kinds and one.code not in codes.get(one.status, {})
    }
    found = {
        str(status): _response(status, codes[status], shared, closed=status not in common)
        for status in sorted(codes)
    }
    return found | {"default": {"$ref": "#/components/responses/Problem"}}


def _kinds(signed_in: bool, body: bool, parameters: Collection[Mapping[str, Any]]) -> Iterator[When]:
    yield When.ANY
    if signed_in:
        yield When.SIGNED_IN
    if body:
        yield When.BODY
    if any(one["in"] == "path" for one in parameters):
        yield When.PATH
    if any(one["name"] == "Idempotency-Key" for one in parameters):
        yield When.KEY


def _response(
    status: int, codes: Mapping[str, str], shared: Collection[str], *, closed: bool
) -> dict[str, Any]:
    """Return the answer of one status: `x-codes` are the operation's own, `x-shared-codes` its kind's.

    `closed` says that no other code comes with this status.
    """
    known = sorted(codes)
    own, others = [name for name in known if name not in shared], [name for name in known if name in shared]
    first = [*own, *others][0]
    lines = [http.HTTPStatus(status).phrase + ".", "", *(f"- `{name}`: {codes[name]}" for name in known)]
    problem: dict[str, Any] = {"$ref": "#/components/schemas/Problem"}
    listed = {"type": "object", "properties": {"code": {"enum": known}}}
    schema = {"allOf": [problem, listed]} if closed else problem
    content = {"schema": schema, "example": _example(status, first, codes[first])}
    marks = {key: names for key, names in (("x-codes", own), ("x-shared-codes", others)) if names}
    return {"description": "\n".join(lines), "content": {MEDIA_TYPE: content}} | marks


def _example(status: int, code: str, detail: str) -> dict[str, Any]:
    faulty = {"pointer": "/items/0/quantity", "message": "Input should be greater than or equal to 1"}
    return {
        "type": f"urn:waybill:problem:{code.lower().replace('_', '-')}",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": "/api/v1/orders",
        "code": code,
        "request_id": "req_5f0c9a1e7b3d2468",
        "timestamp": "2026-11-20T07:00:00+00:00",
        "errors": [faulty] if code == "INVALID_REQUEST" else [],
    }
