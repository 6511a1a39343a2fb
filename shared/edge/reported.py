"""The types of what devices report, and of batches in which each record is taken or left out on its own.

What a value means is decided by `shared.kernel.reported`; the lenient types here let a value through that
means "unknown". A test refuses a request field with a fraction or a time that has none of these types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from shared.edge.errors import RequestInvalid
from shared.edge.models import MOMENT, RequestModel, ResponseModel, written_time
from shared.edge.text import AddressLine
from shared.kernel.reported import is_position

M = TypeVar("M", bound=RequestModel)


@dataclass(frozen=True, slots=True)
class Measured:
    """The mark of a number that a device measured."""


MEASURED = Measured()

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False), MEASURED]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False), MEASURED]


class Coordinates(RequestModel):
    """A position in degrees, WGS 84; 0, 0 is what devices send when they know none, and is refused."""

    lat: Latitude
    lng: Longitude

    @model_validator(mode="after")
    def _known(self) -> Coordinates:
        if not is_position(self.lat, self.lng):
            raise ValueError("0, 0 is no position: devices send it when they know none. Set the pin.")
        return self


class Address(Coordinates):
    """A position and its postal address."""

    address: AddressLine


DeviceNumber = Annotated[float, MEASURED]
"""A number of a device, of any size: some stand for "unknown"."""


def _device_time(value: Any) -> Any:
    """Return None for what devices send without a time, such as 0 or the year 0; else the time as text."""
    if value is None or value in ("", 0, -1) or (isinstance(value, str) and value.startswith("0000-")):
        return None
    try:
        moment: datetime = _TIME.validate_python(written_time(value))
        return moment.astimezone(UTC)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from None
    except OverflowError:  # at the ends of the calendar
        return None


_TIME: TypeAdapter[datetime] = TypeAdapter(Annotated[AwareDatetime, Field(strict=False)])

DeviceMoment = Annotated[datetime | None, BeforeValidator(_device_time), MOMENT]
"""A time as in RFC 3339 by the clock of a device; null, 0 and the year 0 for an unknown one."""


class LeftOutView(ResponseModel):
    """A record of a batch that was not used: its place, the faulty field, and why.

    Do not send it again.
    """

    index: int
    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong with a record: its place, the faulty field as pydantic names it, and a message."""

    index: int
    location: tuple[int | str, ...]
    message: str

    def view(self, batch: str, code: str) -> LeftOutView:
        """Return the record as left out of the batch that the request calls `batch`."""
        pointer = "".join(f"/{part}" for part in (batch, self.index, *self.location))
        return LeftOutView(index=self.index, pointer=pointer, code=code, message=self.message)


@dataclass(frozen=True, slots=True)
class Batch(Generic[M]):
    """The well-formed records of a batch by their place, and the others."""

    records: Mapping[int, M]
    malformed: Sequence[Malformed]


def batch_of(content: Sequence[Any], model: type[M], name: str) -> Batch[M]:
    """Return the records of a batch, each validated on its own; `name` is the batch's field in the request.

    Raises `RequestInvalid` when none is valid: then the client is wrong, and not a device.
    """
    records: dict[int, M] = {}
    malformed: list[Malformed] = []
    for index, one in enumerate(content):
        try:
            records[index] = model.model_validate(one)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            malformed.append(Malformed(index, first["loc"], first["msg"]))
    if not records:
        faults = [
            {"type": "value_error", "loc": (name, one.index, *one.location), "msg": one.message}
            for one in malformed
        ]
        raise RequestInvalid(faults)
    return Batch(records, malformed)
