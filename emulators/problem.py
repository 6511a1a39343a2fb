"""Errors of the gateway itself, as RFC 9457 problems with the members of the public API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from starlette.responses import JSONResponse


def problem(
    *,
    status: HTTPStatus,
    code: str,
    detail: str,
    instance: str,
    request_id: str,
    now: datetime,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the response; `instance` is the requested path."""
    content: dict[str, object] = {
        "type": f"urn:waybill:problem:{code.lower().replace('_', '-')}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": instance,
        "code": code,
        "request_id": request_id,
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "errors": [],
    }
    return JSONResponse(
        content,
        status_code=status.value,
        headers={"X-Request-Id": request_id, **(headers or {})},
        media_type="application/problem+json",
    )
