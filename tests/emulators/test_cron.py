"""Five-field cron expressions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.cron import Cron

FRIDAY = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "matching", "other"),
    [
        ("* * * * *", "2026-11-20T12:30", None),
        ("30 12 * * *", "2026-11-20T12:30", "2026-11-20T12:31"),
        ("*/15 * * * *", "2026-11-20T12:45", "2026-11-20T12:46"),
        ("0-10/5 * * * *", "2026-11-20T12:10", "2026-11-20T12:15"),
        ("50/5 * * * *", "2026-11-20T12:55", "2026-11-20T12:45"),
        ("1,5-7 * * * *", "2026-11-20T12:06", "2026-11-20T12:04"),
        ("0 0 1 * *", "2026-12-01T00:00", "2026-12-02T00:00"),
        ("0 0 * 2 *", "2028-02-29T00:00", "2028-03-01T00:00"),
        ("0 0 * FEB *", "2028-02-29T00:00", "2028-03-01T00:00"),
        ("0 9 * * 1-5", "2026-11-20T09:00", "2026-11-21T09:00"),
        ("0 9 * * mon-fri", "2026-11-20T09:00", "2026-11-22T09:00"),
        ("0 9 * * 0", "2026-11-22T09:00", "2026-11-23T09:00"),
        ("0 9 * * 7", "2026-11-22T09:00", "2026-11-23T09:00"),
        ("0 9 * * 5-7", "2026-11-22T09:00", "2026-11-19T09:00"),
    ],
)
def test_an_expression_matches_its_minutes_and_no_others(
    expression: str, matching: str, other: str | None
) -> None:
    cron = Cron.parse(expression)

    assert cron.matches(datetime.fromisoformat(f"{matching}:00+00:00"))
    assert other is None or not cron.matches(datetime.fromisoformat(f"{other}:00+00:00"))


def test_two_restricted_day_fields_are_alternatives() -> None:
    cron = Cron.parse("0 0 1 * sun")

    days = [day for day in range(1, 31) if cron.matches(datetime(2026, 11, day, tzinfo=UTC))]

    assert days == [1, 8, 15, 22, 29]
    assert cron.matches(datetime(2026, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "expression",
    [
        *("", "* * * *", "* * * * * *"),
        *("60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"),
        *("*/0 * * * *", "*/ * * * *", "5-1 * * * *", "1-2-3 * * * *", "-1 * * * *"),
        *("a * * * *", "1,,2 * * * *", "1.5 * * * *", "\u00b2 * * * *"),
    ],
)
def test_a_faulty_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="cron"):
        Cron.parse(expression)


@given(minutes=st.integers(0, 10**6), step=st.integers(1, 59))
def test_a_step_counts_from_the_start_of_the_hour(minutes: int, step: int) -> None:
    moment = FRIDAY + timedelta(minutes=minutes)

    assert Cron.parse(f"*/{step} * * * *").matches(moment) == (moment.minute % step == 0)
