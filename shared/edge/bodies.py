"""Request bodies: JSON that says to be JSON, in which no object names a key twice.

Every route reads its body through one of these: FastAPI's routes by way of `StrictRequest`, a bare
route (`tracking_api`), which parses the bytes itself, by way of `strict_json`, and one that must see a
signature first (`payments_webhooks`) by way of `parse_json`.
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
    """A request whose body, where it has one, is read as strict JSON."""

    async def json(self) -> Any:
        """Return the body's JSON, parsed once; raises what `strict_json` raises."""
        if not hasattr(self, "_json"):
            demand_json(self)
            self._json = parse_json(await self.body())
        return self._json


async def strict_json(request: BareRequest) -> bytes:
    """Return the body as it came, for a route that parses it itself; empty when there is none.

    Raises `HTTPException` 415 for another content type, and `Malformed` for what is not JSON or names
    a key twice.
    """
    body = await request.body()
    if body:
        demand_json(request)
        parse_json(body)
    return body


def demand_json(request: BareRequest) -> None:
    """Raise `HTTPException` 415 unless the request says that its body is JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(media_type):
        raise HTTPException(415, "Send the body as `application/json`.", {"Accept": "application/json"})


def parse_json(body: bytes) -> Any:
    """Return the JSON of a body; raises `Malformed`, also for a key that stands twice in one object.

    Of two values under one key, one reader takes the first and another one the last: what was checked
    would not be what is done.
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
