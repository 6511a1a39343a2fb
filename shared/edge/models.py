"""The bases and types of request and response models, without what FastAPI alone needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

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

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"


class RequestModel(BaseModel):
    """The base of request bodies: no unknown fields, no type conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ResponseModel(BaseModel):
    """The base of response bodies; built from the attributes of domain objects."""

    model_config = ConfigDict(from_attributes=True)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN), WRITTEN]
"""An identifier in a body."""


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
