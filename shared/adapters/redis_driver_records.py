"""The records of available drivers, as the scripts of the driver location index return them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from shared.adapters.redis_driver_commands import from_ms
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.matching import Candidate
from shared.kernel.geo import Point, distances_m

Row = tuple[str, str, str | None]
"""A driver's id, their record, and their outstanding offer."""

Located = tuple[float, str, Sequence[str], str | None]
"""A distance, and the id, the fields of the record and the outstanding offer of a driver."""


def nearest(rows: Iterable[Row], point: Point, within_m: float, limit: int | None) -> list[Candidate]:
    """Return the drivers within a radius, nearest first, then by their ids.

    A record that cannot be parsed hides its driver alone.
    """
    near = sorted(_within(rows, point, within_m))
    found = (_candidate(uid, fields, offer) for _, uid, fields, offer in near)
    return list(islice((one for one in found if one), limit))


def all_of(rows: Iterable[Row]) -> list[Candidate]:
    """Return all drivers whose record can be parsed."""
    found = (_candidate(uid, record.split(" "), offer) for uid, record, offer in rows)
    return [one for one in found if one]


def _within(rows: Iterable[Row], point: Point, within_m: float) -> Iterator[Located]:
    distance = distances_m(point)
    for uid, record, offer in rows:
        fields = record.split(" ")
        try:
            metres = distance(float(fields[1]), float(fields[2]))
        except (IndexError, ValueError):
            continue
        if metres <= within_m:
            yield metres, uid, fields, offer


def _candidate(uid: str, fields: Sequence[str], offer: str | None) -> Candidate | None:
    try:
        located_at, lat, lng, load, load_cap, rating, acceptance = fields
        return Candidate(
            uid,
            Point(float(lat), float(lng)),
            from_ms(located_at),
            DriverStatus.ONLINE,
            int(load),
            int(load_cap),
            float(rating),
            float(acceptance),
            offer,
        )
    except (ValueError, OverflowError):
        return None
