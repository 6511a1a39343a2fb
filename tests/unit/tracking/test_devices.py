"""Batches of real phones: sentinel values, broken clocks and single bad records, through the route."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.geo import Point
from shared.kernel.reported import GPS_WEEKS
from tests.fakes.dispatch import MemoryDriverIndex
from tests.unit.tracking.test_routes import api, driver_index, point, post

__all__ = ["api", "driver_index"]

pytestmark = pytest.mark.mission("F1")

HERE = Point(12.97, 77.59)


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


async def where(index: MemoryDriverIndex) -> Point | None:
    """Return where dispatch finds the driver now."""
    found = await index.near(HERE, 20_000_000, datetime.now(UTC) - timedelta(minutes=1))
    return found[0].point if found else None


async def test_fault_22_one_old_position_does_not_keep_99_fresh_ones_out(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex
) -> None:
    fresh = [point(lng=77.59 + n / 100_000, at=ago(seconds=99 - n)) for n in range(99)]
    response = await post(api, {"points": [*fresh[:50], point(at=ago(hours=25)), *fresh[50:]]})

    assert (response.status_code, response.json()["accepted"]) == (202, 99)
    assert response.json()["left_out"] == [
        {
            "index": 50,
            "pointer": "/points/50/at",
            "code": "POSITION_TOO_OLD",
            "message": "The position is more than a day old.",
        }
    ]
    assert await where(driver_index) == Point(12.97, fresh[-1]["lng"])


@pytest.mark.parametrize(
    ("bad", "pointer", "code"),
    [
        ({"lat": 0, "lng": 0, "accuracy": 0}, "/points/1/lat", "POSITION_UNKNOWN"),
        ({"lat": -180, "lng": -180, "accuracy": -1}, "/points/1/lat", "POSITION_UNKNOWN"),
        ({"lat": 91, "lng": 181}, "/points/1/lat", "POSITION_UNKNOWN"),
        ({"accuracy": -1}, "/points/1/accuracy", "POSITION_TOO_VAGUE"),
        ({"accuracy": 65_414}, "/points/1/accuracy", "POSITION_TOO_VAGUE"),
        ({"mock": True}, "/points/1/mock", "POSITION_SIMULATED"),
        ({"lat": 85.1}, "/points/1/lat", "POSITION_OFF_THE_MAP"),
        ({"lat": "12.9"}, "/points/1/lat", "POSITION_MALFORMED"),
        ({"at": "yesterday"}, "/points/1/at", "POSITION_MALFORMED"),
        ({"at": "2026-11-20T12:00:00"}, "/points/1/at", "POSITION_MALFORMED"),
        ({"bearing": 7}, "/points/1/bearing", "POSITION_MALFORMED"),
    ],
)
async def test_fault_22_a_bad_record_is_left_out_with_its_reason_and_the_good_one_is_taken(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex, bad: dict[str, Any], pointer: str, code: str
) -> None:
    good = point(at=ago(seconds=5))
    response = await post(api, {"points": [good, point(**bad)]})

    assert (response.status_code, response.json()["accepted"]) == (202, 1)
    [left_out] = response.json()["left_out"]
    assert (left_out["index"], left_out["pointer"], left_out["code"]) == (1, pointer, code)
    assert left_out["message"]
    assert await where(driver_index) == HERE


@pytest.mark.parametrize(
    "bad", [{"lat": 0.0, "lng": 0.0, "accuracy": 0}, {"lat": 1e-9, "lng": -1e-9}, {"lat": 51.5, "lng": 0.1}]
)
async def test_fault_23_an_impossible_fix_does_not_move_the_driver(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex, bad: dict[str, Any]
) -> None:
    await post(api, {"points": [point()]})
    response = await post(api, {"points": [point(**bad)]})

    assert (response.status_code, response.json()["accepted"]) == (202, 0)
    assert response.json()["left_out"][0]["code"] in ("POSITION_UNKNOWN", "POSITION_JUMP")
    assert await where(driver_index) == HERE


@pytest.mark.parametrize(
    "unknown",
    [
        {"speed": -1, "heading": -1, "altitude_accuracy": -1},  # iOS
        {"accuracy": 0, "speed": 0, "heading": 0, "altitude": 0},  # Android without the `has…` flags
        {"speed": None, "heading": None, "altitude": None, "accuracy": None},  # the web
        {"heading": 655.35, "speed": 655.35},  # AIS and MAVLink
        {"heading": 360, "speed_accuracy": -1, "heading_accuracy": -1},
        {"altitude": -12.5, "altitude_accuracy": 3.9, "mock": False},
    ],
)
async def test_fault_23_a_value_that_the_device_does_not_know_is_absent_and_the_position_counts(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex, unknown: dict[str, Any]
) -> None:
    response = await post(api, {"points": [point(**unknown)]})

    assert (response.status_code, response.json()) == (202, {"accepted": 1, "left_out": []})
    assert await where(driver_index) == HERE


@pytest.mark.parametrize(
    "at",
    [
        None,
        0,
        -1,
        "",
        "0000-00-00T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1970-01-01T00:00:00Z",
        "1970-01-21T08:00:00Z",
        "1980-01-06T00:00:00Z",
        "2000-01-01T00:00:00Z",
        "2106-02-07T06:28:15Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
async def test_fault_23_a_broken_clock_is_replaced_by_the_time_of_receipt(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex, at: object
) -> None:
    for n in range(2):
        response = await post(api, {"points": [point(at=at, lng=77.59 + n / 10_000)]})
        assert (response.status_code, response.json()) == (202, {"accepted": 1, "left_out": []})

        assert await where(driver_index) == Point(12.97, 77.59 + n / 10_000)


@pytest.mark.parametrize("rollovers", [1, 2])
async def test_fault_23_a_date_1024_weeks_back_is_corrected_and_keeps_its_order(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex, rollovers: int
) -> None:
    back = rollovers * GPS_WEEKS
    points = [
        point(lng=77.59 + n / 10_000, at=(datetime.now(UTC) - back - timedelta(seconds=n)).isoformat())
        for n in range(5)
    ]
    response = await post(api, {"points": points})

    assert response.json() == {"accepted": 5, "left_out": []}
    assert await where(driver_index) == HERE, "the first is the newest"


async def test_fault_23_in_a_batch_a_position_without_a_time_is_no_newer_than_those_with_one(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex
) -> None:
    stale = point(lat=12.99, at="1970-01-01T00:00:00Z")
    for points in ([stale, point(at=ago(seconds=9))], [point(at=ago(seconds=3)), stale]):
        assert (await post(api, {"points": points})).json() == {"accepted": 2, "left_out": []}
        assert await where(driver_index) == HERE


async def test_fault_23_a_glitch_at_the_end_of_a_batch_costs_no_good_position(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex
) -> None:
    good = [point(lng=77.59 + n / 10_000, at=ago(seconds=30 - 3 * n)) for n in range(9)]
    response = await post(api, {"points": [*good, point(lat=48.8, lng=2.3, at=ago())]})

    assert response.json()["accepted"] == 9
    assert [(one["index"], one["code"]) for one in response.json()["left_out"]] == [(9, "POSITION_JUMP")]
    assert await where(driver_index) == Point(12.97, good[-1]["lng"])


NUMBER = st.one_of(
    st.none(),
    st.floats(),
    st.sampled_from([-1, 0, 360, 511, 655.35, 65_414, 4_294_967.295]),
    st.integers(),
    st.text(),
)
TIME = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.integers(-200_000, 200_000).map(lambda seconds: ago(seconds=seconds)),
)
RECORD = st.one_of(
    st.fixed_dictionaries(
        {"lat": NUMBER, "lng": NUMBER, "at": TIME},
        optional={"accuracy": NUMBER, "speed": NUMBER, "heading": NUMBER, "mock": st.booleans()},
    ),
    st.none(),
    st.integers(),
    st.dictionaries(st.text(), NUMBER),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORD, max_size=20), st.integers(0, 20))
async def test_fault_22_whatever_else_a_batch_holds_a_good_position_is_taken(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex, records: list[Any], place: int
) -> None:
    driver_index.flush()
    good = point(at=ago(seconds=1))
    response = await post(api, json.dumps({"points": [*records[:place], good, *records[place:]]}).encode())

    assert response.status_code == 202, response.text
    left_out = response.json()["left_out"]
    assert response.json()["accepted"] + len(left_out) == len(records) + 1
    assert min(place, len(records)) not in [one["index"] for one in left_out]
    assert [one["index"] for one in left_out] == sorted({one["index"] for one in left_out})
