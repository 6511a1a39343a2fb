"""JSON in which no object has a duplicate key.

Readers differ in which of two values they take for a duplicate key, so that the value that was checked might
not be the value that is used.
"""

from __future__ import annotations

import json
from typing import Any

from shared.kernel.errors import Malformed


def parse_json(text: bytes) -> Any:
    """Return what the JSON says. Raises `Malformed` for invalid JSON or a duplicate key in an object."""
    try:
        return json.loads(text.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not valid JSON.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("The body names a key twice.")
    return found
