"""The answers of an operation that is refused: one for each status, with every code it can bear."""

from __future__ import annotations

import http
from collections.abc import Collection, Mapping
from typing import Any

from shared.edge.errors import MEDIA_TYPE, status_of
from shared.kernel.errors import DomainError

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
        "instance": {"type": "string", "description": "The path that was asked for."},
        "code": {"type": "string", "description": "Stable; what programs should look at."},
        "request_id": {"type": "string", "description": "Quote it when you ask for help."},
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

INVALID_REQUEST = {"INVALID_REQUEST": "The request has fields that are missing, unknown or out of bounds."}
NO_SUCH_PATH = {"NOT_FOUND": "There is nothing under this path: it has characters that no id has."}
BODY: Mapping[int, Mapping[str, str]] = {
    400: {"MALFORMED": "The body is not valid JSON, or names a key twice."},
    408: {"TIMEOUT": "The body did not arrive in time."},
    413: {"TOO_LARGE": "The body is larger than allowed."},
    415: {"UNSUPPORTED_MEDIA_TYPE": "Send the body as `application/json`."},
}
"""What can happen to any body before the operation sees it."""


def responses(
    errors: Collection[type[DomainError]], *, body: bool, parameters: Collection[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return OpenAPI responses by status, for an operation with a `body` or `parameters`."""
    codes: dict[int, dict[str, str]] = {}
    for error in errors:
        refusal = error()
        codes.setdefault(status_of(refusal), {})[refusal.code] = refusal.detail
    for status, told in BODY.items() if body else ():
        codes.setdefault(status, {}).update(told)
    if any(one["in"] == "path" for one in parameters):
        codes.setdefault(404, {}).update(NO_SUCH_PATH)
    if body or parameters:
        codes.setdefault(422, {}).update(INVALID_REQUEST)
    return {str(status): _response(status, codes[status]) for status in sorted(codes)}


def _response(status: int, codes: Mapping[str, str]) -> dict[str, Any]:
    known = sorted(codes)
    lines = [http.HTTPStatus(status).phrase + ".", "", *(f"- `{code}`: {codes[code]}" for code in known)]
    code = {"type": "object", "properties": {"code": {"enum": known}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, code]}
    content = {"schema": schema, "example": _example(status, known[0], codes[known[0]])}
    return {"description": "\n".join(lines), "content": {MEDIA_TYPE: content}}


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
        "errors": [faulty] if code in INVALID_REQUEST else [],
    }
