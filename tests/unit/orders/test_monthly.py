"""Monthly orders on the last days of a month: both meanings are offered, and the next dates are shown."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.orders.recurrences.calendar import (
    MissingDays,
    RuleInvalid,
    Schedule,
    check_occurs,
    check_rule,
    next_occurrence,
    occurrences_after,
)
from tests.unit.town import ASHA, DOSA, HOME, Town

pytestmark = pytest.mark.mission("C5")

IST = "+05:30"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    town = Town(monkeypatch)
    town.clock.now = datetime(2027, 1, 10, tzinfo=UTC)
    return town


async def _start(town: Town, **changes: Any) -> Any:
    shop = await town.shop()
    body = {
        "merchant_id": shop,
        "items": [DOSA],
        "dropoff": HOME,
        "rule": "FREQ=MONTHLY",
        "timezone": "Asia/Kolkata",
        "starts_at": f"2027-01-31T12:00:00{IST}",
    }
    return await town.call(ASHA, "POST", "/recurrences", {**body, **changes}, key="monthly-1")


def _days(answer: Any) -> list[str]:
    moments = [datetime.fromisoformat(moment) for moment in answer.json()["upcoming"]]
    return [f"{moment + timedelta(hours=5, minutes=30):%m-%d}" for moment in moments]


async def test_fault_29_a_series_on_the_31st_shows_the_months_that_it_skips(town: Town) -> None:
    started = await _start(town)

    assert (started.status_code, started.json()["missing_days"]) == (201, "skip")
    assert _days(started) == ["01-31", "03-31", "05-31", "07-31", "08-31"]


async def test_fault_29_or_it_is_on_the_last_day_of_a_shorter_month(town: Town) -> None:
    started = await _start(town, missing_days="last_day")

    assert (started.status_code, started.json()["missing_days"]) == (201, "last_day")
    assert _days(started) == ["01-31", "02-28", "03-31", "04-30", "05-31"]


@pytest.mark.parametrize(
    ("day", "missing_days", "shown"),
    [
        (29, "skip", ["01-29", "03-29"]),
        (29, "last_day", ["01-29", "02-28"]),
        (30, "skip", ["01-30", "03-30"]),
        (30, "last_day", ["01-30", "02-28"]),
        (28, "last_day", ["01-28", "02-28"]),
    ],
)
async def test_fault_29_the_29th_and_the_30th_are_alike(
    town: Town, day: int, missing_days: str, shown: list[str]
) -> None:
    starts = f"2027-01-{day}T12:00:00{IST}"
    assert _days(await _start(town, starts_at=starts, missing_days=missing_days))[:2] == shown


async def test_fault_29_the_last_day_of_each_month_is_a_rule_of_its_own(town: Town) -> None:
    started = await _start(town, rule="FREQ=MONTHLY;BYMONTHDAY=-1", starts_at=f"2027-01-12T12:00:00{IST}")

    assert started.status_code == 201
    assert _days(started) == ["01-31", "02-28", "03-31", "04-30", "05-31"]


async def test_fault_29_the_occurrences_are_placed_on_the_shown_days(town: Town) -> None:
    started = await _start(town, missing_days="last_day")
    town.clock.now = datetime.fromisoformat(f"2027-01-30T12:00:00{IST}")
    await town.place_occurrences()
    series = await town.done(ASHA, "GET", f"/recurrences/{started.json()['id']}")

    assert series["next_at"] == "2027-02-28T06:30:00Z"
    assert series["upcoming"][0] == series["next_at"]
    [listed] = (await town.done(ASHA, "GET", "/recurrences"))["recurrences"]
    assert (listed["missing_days"], "upcoming" in listed) == ("last_day", False)


async def test_fault_29_skipping_and_ending_show_the_dates_that_are_left(town: Town) -> None:
    series = (await _start(town, rule="FREQ=MONTHLY;COUNT=3", missing_days="last_day")).json()
    assert len(series["upcoming"]) == 3

    skipped = await town.done(ASHA, "POST", f"/recurrences/{series['id']}/skip", {})
    assert skipped["upcoming"] == series["upcoming"][1:]
    ended = await town.done(ASHA, "POST", f"/recurrences/{series['id']}/end")
    assert ended["upcoming"] == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYMONTHDAY=--1",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYMONTHDAY=",
        "FREQ=MONTHLY;INTERVAL=-1",
        "FREQ=MONTHLY;COUNT=-1",
        "FREQ=DAILY;BYMONTHDAY=31",
        "FREQ=WEEKLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYSETPOS=-1",
    ],
)
async def test_fault_29_other_days_of_a_month_are_refused(town: Town, rule: str) -> None:
    refused = await _start(town, rule=rule)
    assert (refused.status_code, refused.json()["code"]) == (422, "RULE_INVALID")


@pytest.mark.parametrize("choice", ["forward", "", "LAST_DAY", 1])
async def test_fault_29_another_meaning_is_refused(town: Town, choice: Any) -> None:
    assert (await _start(town, missing_days=choice)).status_code == 422


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "FREQ=MONTHLY;INTERVAL=48;BYMONTHDAY=29"]
)
async def test_fault_29_a_day_that_never_comes_is_refused_unless_it_may_be_the_last(
    town: Town, rule: str
) -> None:
    february = f"2027-02-05T12:00:00{IST}"
    refused = await _start(town, rule=rule, starts_at=february)
    assert (refused.status_code, refused.json()["code"]) == (422, "RULE_INVALID")

    schedule = Schedule(rule, "UTC", datetime(2027, 2, 5, 12, tzinfo=UTC), MissingDays.LAST_DAY)
    check_occurs(schedule)
    assert next_occurrence(schedule, schedule.starts_at) == datetime(2027, 2, 28, 12, tzinfo=UTC)


@given(
    day=st.integers(1, 31),
    start=st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    interval=st.integers(1, 11),
    missing=st.sampled_from(MissingDays),
)
def test_fault_29_each_month_has_its_day_or_its_last_or_none(
    day: int, start: datetime, interval: int, missing: MissingDays
) -> None:
    rule = f"FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={day}"
    begin = start
    check_rule(rule, ("MONTHLY",))
    schedule = Schedule(rule, "UTC", begin, missing)
    found = occurrences_after(schedule, begin - timedelta(seconds=1), 6)

    expected: list[datetime] = []
    month = 0
    while len(expected) < 6:
        year, number = divmod(start.year * 12 + start.month - 1 + month, 12)
        month += interval
        length = monthrange(year, number + 1)[1]
        if day <= length or missing is MissingDays.LAST_DAY:
            at = begin.replace(year=year, month=number + 1, day=min(day, length))
            expected += [at] if at >= begin else []
    assert found == expected


def test_old_recurrences_skip_the_months_without_their_day() -> None:
    schedule = Schedule("FREQ=MONTHLY", "UTC", datetime(2027, 1, 31, 12, tzinfo=UTC))
    assert next_occurrence(schedule, schedule.starts_at) == datetime(2027, 3, 31, 12, tzinfo=UTC)
    with pytest.raises(RuleInvalid):
        check_rule("FREQ=MONTHLY;BYMONTHDAY=٣", ("MONTHLY",))
