"""A batch that is well-formed throughout is read in one pass, to the same positions as one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.tracking_api.schemas import LocationEnvelope, WholeBatch
from shared.edge.errors import RequestInvalid
from shared.kernel.reported import corrected_time
from shared.tracking.reports import Report

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POINT = {"lat": 12.9, "lng": 77.6}
TIMES = [
    None,
    "2026-11-20T12:00:00Z",
    "2026-11-20T17:30:00.123+05:30",
    "2026-11-20 12:00:00Z",
    "2026-11-20T12:00:00",
    "2026-11-20",
    "0000-00-00T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1795176000",
    "",
    "x",
    0,
    -1,
    1_795_176_000,
    1.5,
    True,
]
NUMBERS: list[Any] = [0, -1, 12, 12.5, 1e308, 2**70, None, "12", True, [], "NaN"]
KEYS = ["lat", "lng", "accuracy", "speed", "heading", "mock", "altitude", "unknown"]

points = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(NUMBERS), max_size=3).flatmap(
    lambda odd: st.sampled_from(TIMES).map(lambda at: {**POINT, "at": at, **odd})
)


def whole(body: bytes) -> list[Report] | None:
    try:
        batch = WholeBatch.model_validate_json(body).batch()
    except ValueError:
        return None
    return [as_used(point.report(index)) for index, point in batch.records.items()]


def as_used(report: Report) -> Report:
    """Return a report with the time that its position is given: None for one that is not to be believed."""
    return replace(report, recorded_at=corrected_time(report.recorded_at, NOW))


def one_by_one(content: Any) -> list[Report]:
    batch = LocationEnvelope.model_validate(content).batch()
    assert not batch.malformed
    return [as_used(point.report(index)) for index, point in batch.records.items()]


def same(content: Any) -> bool:
    """Return whether the batch was read in one pass, after the same came out of it."""
    found = whole(json.dumps(content).encode())
    if found is None:
        return False
    assert found == one_by_one(content)
    return True


def test_what_phones_send_is_read_in_one_pass() -> None:
    point = POINT | {"at": TIMES[1], "accuracy": 6.5, "speed": -1, "heading": None, "mock": False}
    assert same({"points": [point, POINT, POINT | {"at": TIMES[2]}]})


@pytest.mark.parametrize("at", TIMES)
def test_a_time_in_any_form_is_read_alike_or_one_by_one(at: Any) -> None:
    same({"points": [POINT | {"at": at}]})


@given(st.lists(points, min_size=1, max_size=3))
def test_whatever_is_read_in_one_pass_is_read_alike(batch: list[Any]) -> None:
    same({"points": batch})


@pytest.mark.parametrize(
    "content", [{}, {"points": []}, {"points": [POINT] * 101}, {"points": [POINT], "x": 1}, []]
)
def test_what_is_no_batch_is_not_read_in_one_pass(content: Any) -> None:
    assert whole(json.dumps(content).encode()) is None


def test_a_batch_in_which_one_position_is_malformed_is_read_one_by_one() -> None:
    content = {"points": [POINT, {"lat": "x"}]}
    assert whole(json.dumps(content).encode()) is None
    assert len(LocationEnvelope.model_validate(content).batch().records) == 1
    with pytest.raises(RequestInvalid):
        LocationEnvelope.model_validate({"points": [{"lat": "x"}]}).batch()
