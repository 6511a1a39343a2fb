"""Types that the request and response models of all functions share."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from shared.edge.text import WRITTEN
from shared.kernel.errors import Invalid

_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"


class RequestModel(BaseModel):
    """The base of request bodies: no unknown fields, no type conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ResponseModel(BaseModel):
    """The base of response bodies; built from the attributes of domain objects."""

    model_config = ConfigDict(from_attributes=True)


Id = Annotated[str, StringConstraints(pattern=_ID), WRITTEN]
"""An identifier in a body."""

IdPath = Annotated[str, Path(pattern=_ID), WRITTEN]
"""An identifier in a path."""


def written_time(value: Any) -> Any:
    """Accept only text: a number could be seconds or milliseconds."""
    if not isinstance(value, str):
        raise ValueError("write a time as in RFC 3339, such as 2026-12-24T18:00:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    """Return the time in UTC; at the ends of the calendar, some offsets lead out of it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time beyond the calendar") from None


@dataclass(frozen=True, slots=True)
class MomentKind:
    """The mark of a time with its offset."""


MOMENT = MomentKind()

Moment = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(written_time), AfterValidator(_in_utc), MOMENT
]
"""A time with its offset as in RFC 3339, converted to UTC."""

PriceMinor = Annotated[int, Field(gt=0, le=10_000_000)]
"""A price in minor units of its currency."""


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
