"""Render errors as RFC 9457 problem+json; the one table from the kind of an error to its HTTP status."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.kernel import errors
from shared.kernel.errors import DomainError, FieldError
from shared.kernel.idempotency import AlreadyAnswered
from shared.kernel.trace import current_trace

log = logging.getLogger(__name__)

STATUS: dict[type[DomainError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.WrongState: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.TooEarly: 425,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
CODE = "waybill.code"
"""The key in the ASGI scope for the code of the answered problem, which the log shows."""

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "MALFORMED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "TIMEOUT",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID_REQUEST",
    500: "INTERNAL",
}
"""The codes of errors that the edge itself answers, by status."""


class RequestInvalid(Exception):
    """The values of a request are not valid; `faults` are pydantic's, or in its form."""

    def __init__(self, faults: Sequence[Any]) -> None:
        super().__init__()
        self.faults = faults


def status_of(error: DomainError) -> int:
    """Return the HTTP status of an error: the status of its nearest base class in `STATUS`."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    instance: str = "",
    faults: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return a problem+json response; `faults` name the faulty fields by JSON pointer."""
    content = {
        "type": f"urn:waybill:problem:{code.lower().replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
        "request_id": current_trace.get().request_id,
        "timestamp": datetime.now(UTC).isoformat(),
        "errors": [{"pointer": fault.pointer, "message": fault.message} for fault in faults],
    }
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def domain_problem(error: DomainError, instance: str) -> JSONResponse:
    """Return the problem of a domain error, with the headers that HTTP requires."""
    headers: dict[str, str] = {}
    if isinstance(error, errors.Unavailable | errors.TooMany):
        headers["Retry-After"] = str(math.ceil(error.retry_after.total_seconds()))
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    status = status_of(error)
    return problem(status, error.code, error.detail, instance=instance, faults=error.errors, headers=headers)


def install(app: Starlette) -> None:
    """Install the handlers that answer every error with problem+json."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(AlreadyAnswered, _on_already_answered)
    app.add_exception_handler(RequestInvalid, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)


async def _on_domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this class
    request.scope[CODE] = error.code
    return domain_problem(error, request.url.path)


async def _on_already_answered(request: Request, error: Exception) -> Response:
    assert isinstance(error, AlreadyAnswered)  # noqa: S101
    status = getattr(request.scope.get("route"), "status_code", None) or 200
    return JSONResponse(error.answer, status, headers={"Idempotent-Replayed": "true"})


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestInvalid)  # noqa: S101
    return invalid_problem(request, error.faults)


def invalid_problem(request: Request, found: Sequence[Any]) -> JSONResponse:
    """Return the problem of a request whose values are not valid, from pydantic's list of faults."""
    if any(item["type"] == "json_invalid" for item in found):
        request.scope[CODE] = CODES[400]
        return problem(400, CODES[400], "The body is not valid JSON.", instance=request.url.path)
    faults = [FieldError(_pointer(item["loc"]), item["msg"]) for item in found[:50]]
    request.scope[CODE] = CODES[422]
    detail = "The request has fields that are missing, unknown or out of bounds."
    return problem(422, CODES[422], detail, instance=request.url.path, faults=faults)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = CODES.get(error.status_code, HTTPStatus(error.status_code).name)
    request.scope[CODE] = code
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, str(error.detail), instance=request.url.path, headers=headers)


def unexpected(error: Exception, instance: str) -> JSONResponse:
    """Log an unexpected error, and return a problem that reveals nothing about it."""
    log.error("unexpected_error", exc_info=error, extra={"error": type(error).__name__})
    return problem(500, CODES[500], "The server failed unexpectedly. Try again later.", instance=instance)


def _pointer(location: Sequence[int | str]) -> str:
    """Return the JSON pointer of a pydantic location: `/body/items/0/quantity` as `/items/0/quantity`."""
    parts = location[1:] if location and location[0] == "body" else location
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in parts)
