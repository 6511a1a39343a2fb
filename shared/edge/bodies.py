"""Request bodies: JSON with a JSON content type, in which no object has a duplicate key.

Every route gets a `StrictRequest`, which parses the body once; whatever needs the content (the rate limiter,
FastAPI, a bare route) shares the result. A webhook, which must verify a signature first, uses `parse_json`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import Request as BareRequest

from shared.kernel.errors import Malformed

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


def demand_json(request: BareRequest) -> None:
    """Raise `HTTPException` 415 unless the content type is JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(media_type):
        raise HTTPException(415, "Send the body as `application/json`.", {"Accept": "application/json"})


def parse_json(body: bytes) -> Any:
    """Return the JSON of a body; raise `Malformed` for invalid JSON or a duplicate key in an object.

    Readers differ in which of two values they take for a duplicate key, so that the value that was checked
    might not be the value that is used.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not valid JSON.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("The body names a key twice.")
    return found
