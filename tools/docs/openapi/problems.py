"""The answers of a refused operation: its own codes by status, and those that all operations share."""

from __future__ import annotations

import http
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shared.edge import auth, idempotency, ratelimit, schemas
from shared.edge.errors import MEDIA_TYPE, status_of
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

SHARED: tuple[type[DomainError], ...] = (
    idempotency.IdempotencyKeyMissing,
    idempotency.IdempotencyKeyMalformed,
    auth.TokenMissing,
    TokenInvalid,
    TokenExpired,
    access.SessionRevoked,
    access.AccountDisabled,
    auth.EmailNotVerified,
    auth.PhoneNotVerified,
    auth.EmailAndPhoneNotVerified,
    auth.RoleMissing,
    access.SecondFactorNotEnrolled,
    access.SecondFactorRequired,
    errors.PreconditionFailed,
    IdempotencyKeyReused,
    schemas.InvalidPageToken,
    DocumentRefused,
    ratelimit.RateLimited,
    ratelimit.RateLimitsUnavailable,
    errors.Unavailable,
    FilesUnavailable,
    MapUnavailable,
    errors.Contended,
    errors.AmbiguousOutcome,
)
"""Errors that the edge and the platform raise for any operation that has the part they are about."""

TRANSPORT: Mapping[int, Mapping[str, str]] = {
    400: {"MALFORMED": "The body is not valid JSON, or names a key twice."},
    404: {"NOT_FOUND": "There is nothing under this path: it has characters that no id has."},
    408: {"TIMEOUT": "The body did not arrive in time."},
    413: {"TOO_LARGE": "The body is larger than allowed."},
    415: {"UNSUPPORTED_MEDIA_TYPE": "Send the body as `application/json`."},
    422: {"INVALID_REQUEST": "The request has fields that are missing, unknown or out of bounds."},
}
"""Problems of the request itself, before the operation sees it."""

NAMES: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    408: "RequestTimeout",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableContent",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}
"""The name of the shared response of each status."""


def shared_codes() -> dict[int, dict[str, str]]:
    """Return the shared codes with their details, by status."""
    codes = {status: dict(details) for status, details in TRANSPORT.items()}
    for error in SHARED:
        codes.setdefault(status_of(error()), {})[error.code] = error.detail
    return codes


def components() -> dict[str, Any]:
    """Return the schemas and the responses that operations refer to."""
    responses, schemas_ = {}, {"Problem": PROBLEM}
    for status, codes in shared_codes().items():
        schemas_[_schema_name(status)] = {"type": "string", "enum": sorted(codes)}
        responses[NAMES[status]] = _response(status, codes, {"$ref": _schema(status)}) | {
            "x-codes": sorted(codes)
        }
    return {"responses": responses, "schemas": schemas_}


def responses(
    own: Collection[type[DomainError]],
    *,
    secured: bool,
    guarded: bool,
    body: bool,
    parameters: Collection[Any],
) -> dict[str, Any]:
    """Return OpenAPI responses by status.

    `secured` operations need a token, `guarded` ones more than that; `parameters` are OpenAPI's.
    """
    codes: dict[int, dict[str, str]] = {}
    for error in own:
        codes.setdefault(status_of(error()), {})[error.code] = error.detail
    shared = set(_shared_statuses(secured, guarded, body, parameters))
    found = {}
    for status in sorted(shared | codes.keys()):
        if status not in codes:
            found[str(status)] = {"$ref": f"#/components/responses/{NAMES[status]}"}
        else:
            found[str(status)] = _own(status, codes[status], status in shared)
    return found


def _shared_statuses(
    secured: bool, guarded: bool, body: bool, parameters: Collection[Mapping[str, Any]]
) -> Iterator[int]:
    places = {one["in"] for one in parameters}
    headers = {one["name"] for one in parameters if one["in"] == "header"}
    yield from (429, 503)
    if secured:
        yield 401
    if guarded:
        yield 403
    if body:
        yield from (400, 408, 413, 415)
    if "Idempotency-Key" in headers:
        yield 400
    if "If-Match" in headers:
        yield 412
    if body or parameters:
        yield 422
    if "path" in places:
        yield 404


def _own(status: int, codes: Mapping[str, str], shares: bool) -> dict[str, Any]:
    own = {"enum": sorted(codes)}
    code = {"anyOf": [own, {"$ref": _schema(status)}]} if shares else own
    found = _response(status, codes, code) | {"x-codes": sorted(codes)}
    if shares:
        reference = f"#/components/responses/{NAMES[status]}"
        found["x-shared"] = reference
        found["description"] += f"\n\nBesides, what every operation shares: `{NAMES[status]}`."
    return found


def _response(status: int, codes: Mapping[str, str], code: Mapping[str, Any]) -> dict[str, Any]:
    known = sorted(codes)
    lines = [http.HTTPStatus(status).phrase + ".", "", *(f"- `{name}`: {codes[name]}" for name in known)]
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": {"code": code}},
        ]
    }
    content = {"schema": schema, "example": _example(status, known[0], codes[known[0]])}
    return {"description": "\n".join(lines), "content": {MEDIA_TYPE: content}}


def _schema_name(status: int) -> str:
    return f"{NAMES[status]}Code"


def _schema(status: int) -> str:
    return f"#/components/schemas/{_schema_name(status)}"


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
        "timestamp": "2026-11-20T12:30:00+00:00",
        "errors": [faulty] if code == "INVALID_REQUEST" else [],
    }
