"""Types that the request and response models of all functions share, and the parameters of their routes."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query

from shared.edge.models import (
    ID_PATTERN,
    MOMENT,
    Id,
    Moment,
    PriceMinor,
    RequestModel,
    ResponseModel,
)
from shared.edge.text import WRITTEN
from shared.kernel.errors import Invalid

__all__ = [
    "MOMENT",
    "Id",
    "IdPath",
    "InvalidPageToken",
    "Moment",
    "PageSize",
    "PageToken",
    "PriceMinor",
    "RequestModel",
    "ResponseModel",
    "page_token",
    "page_values",
]

IdPath = Annotated[str, Path(pattern=ID_PATTERN), WRITTEN]
"""An identifier in a path."""


class InvalidPageToken(Invalid):
    """The page token is not from this list."""

    code = "INVALID_PAGE_TOKEN"
    detail = "The page token is not from this list. Start with the first page."


PageSize = Annotated[int, Query(ge=1, le=100)]
PageToken = Annotated[str, Query(max_length=500), WRITTEN]


def page_token(values: Sequence[Any]) -> str:
    """Return an opaque token for the sort values of the last item: times and plain values."""
    plain = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def page_values(token: str, types: Sequence[type]) -> tuple[Any, ...]:
    """Return the sort values in a token, empty for no token. Raises `InvalidPageToken`."""
    if not token:
        return ()
    try:
        plain = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return tuple(_page_value(value, wanted) for value, wanted in zip(plain, types, strict=True))
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise InvalidPageToken from error


def _page_value(value: Any, wanted: type) -> Any:
    """Return one sort value; raise one of several errors for a value of another type."""
    if wanted is datetime:
        moment = datetime.fromisoformat(value["t"])
        if moment.tzinfo is None:
            raise ValueError("a time without its zone")
        return moment.astimezone(UTC)
    if type(value) is not wanted:
        raise TypeError("a value of another type")
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, int) and abs(value) >= 2**53:
        raise OverflowError("a number out of range")
    return value
