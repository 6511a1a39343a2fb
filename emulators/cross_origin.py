"""Let pages of other origins read the answers of our emulators, with the headers that functions send."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response

from shared.edge import cors, security_headers


def open_to_pages(request: Request, response: Response, origins: Collection[str]) -> None:
    """Add to an answer what the edge of a function adds to every answer."""
    raw = response.raw_headers
    raw += cors.answer_headers(cors.allowed_origin(request, origins))
    raw += security_headers.lacking(raw)
