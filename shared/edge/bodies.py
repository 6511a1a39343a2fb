"""Request bodies: JSON with a JSON content type, in which no object has a duplicate key.

Every route gets a `StrictRequest`, which parses the body once; whatever needs the content (the rate limiter,
FastAPI, a bare route) shares the result. A webhook, which must be verified first, is parsed by its
reader.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.kernel.strict_json import parse_json

_JSON = re.compile(r"application/(?:[\w.!#$&^-]+\+)?json", re.IGNORECASE | re.ASCII)


class StrictRequest(Request):
    """A request whose body, if it has one, is parsed as strict JSON."""

    async def json(self) -> Any:
        """Return the JSON of the body, parsed once.

        Raises `HTTPException` 415 for another content type, and `Malformed` for invalid JSON or a
        duplicate key.
        """
        if not hasattr(self, "_json"):
            body = await self.body()
            if body:
                demand_json(self)
            self._json = parse_json(body)
        return self._json


def demand_json(request: Request) -> None:
    """Raise `HTTPException` 415 unless the content type is JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(media_type):
        raise HTTPException(415, "Send the body as `application/json`.", {"Accept": "application/json"})
