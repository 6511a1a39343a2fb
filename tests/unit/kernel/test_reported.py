"""What devices report: an unknown value is unknown, whatever number stands for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.reported import (
    BROKEN_CLOCK,
    GPS_WEEKS,
    MAX_AHEAD,
    corrected_time,
    is_position,
    is_too_vague,
    known_accuracy,
    known_course,
    known_speed,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        (0, 0),
        (-0.0, 0.0),
        (1e-09, -1e-09),
        (-180, -180),
        (91, 181),
        (90.0001, 0),
        (0, 180.1),
        (214.7483647,) * 2,
        (nan, 77),
        (12, nan),
        (inf, 77),
        (12, -inf),
        (1e300, 1e300),
    ],
)
def test_what_devices_send_for_no_position_is_none(lat: float, lng: float) -> None:
    assert not is_position(lat, lng)


@pytest.mark.parametrize(("lat", "lng"), [(12.97, 77.59), (0, 6.6), (0.3, 0), (-90, -180), (51.5, 0.0)])
def test_positions_on_the_equator_and_on_the_prime_meridian_are_positions(lat: float, lng: float) -> None:
    assert is_position(lat, lng)


@pytest.mark.parametrize(
    ("accuracy", "known", "vague"),
    [
        (8.5, 8.5, False),
        (0, None, False),
        (None, None, False),
        (nan, None, False),
        (-1, None, True),
        (-2, None, True),
        (65414, 65414, True),
        (4294967.295, 4294967.295, True),
        (inf, None, True),
    ],
)
def test_an_accuracy_of_0_is_unknown_and_a_negative_one_says_that_the_position_is_not_valid(
    accuracy: float | None, known: float | None, vague: bool
) -> None:
    assert (known_accuracy(accuracy), is_too_vague(accuracy)) == (known, vague)


@pytest.mark.parametrize(
    ("speed", "known"),
    [(0, 0), (13.9, 13.9), (-1, None), (None, None), (nan, None), (655.35, None), (1e9, None)],
)
def test_a_speed_that_no_vehicle_has_is_unknown(speed: float | None, known: float | None) -> None:
    assert known_speed(speed) == known


@pytest.mark.parametrize(
    ("course", "known"),
    [(0, 0), (359.9, 359.9), (360, 0), (-1, None), (None, None), (nan, None), (511, None), (655.35, None)],
)
def test_a_course_is_below_360_degrees_and_0_is_north(course: float | None, known: float | None) -> None:
    assert known_course(course) == known


@pytest.mark.parametrize(
    "at",
    [
        None,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 21, 8, tzinfo=UTC),  # seconds that were read as milliseconds
        datetime(1980, 1, 6, tzinfo=UTC),
        datetime(1995, 11, 20, 12, tzinfo=UTC),  # seconds since 2001 that were read as seconds since 1970
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=UTC),  # where a clock without a battery begins
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        NOW + timedelta(days=1, seconds=1),
        NOW - timedelta(days=31),
    ],
)
def test_a_broken_clock_says_nothing(at: datetime | None) -> None:
    assert corrected_time(at, NOW) is None


@pytest.mark.parametrize("rollovers", [0, 1, 2])
@pytest.mark.parametrize("ago", [timedelta(), timedelta(hours=25), timedelta(days=30), -timedelta(hours=23)])
def test_a_time_is_kept_and_the_rollovers_that_a_receiver_missed_are_added(
    rollovers: int, ago: timedelta
) -> None:
    assert corrected_time(NOW - ago - rollovers * GPS_WEEKS, NOW) == NOW - ago


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 27_000))
def test_a_corrected_time_is_always_near_the_servers(at: datetime, days: int) -> None:
    now = NOW + timedelta(days=days)
    found = corrected_time(at, now)
    assert found is None or -BROKEN_CLOCK <= found - now <= MAX_AHEAD


@given(st.floats(), st.floats(), st.floats(), st.floats(), st.floats())
def test_no_number_of_a_device_is_too_odd(
    lat: float, lng: float, accuracy: float, speed: float, course: float
) -> None:
    is_position(lat, lng)
    is_too_vague(accuracy)
    assert (known_accuracy(accuracy) or 1) > 0
    assert (known_speed(speed) or 0) >= 0
    assert 0 <= (known_course(course) or 0) < 360
