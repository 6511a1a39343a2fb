"""Opening hours by the shop's own clock, on the days on which the clock is changed too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import hours as rules
from shared.catalogue.hours import (
    MAX_HOLIDAYS,
    MINUTES_OF_DAY,
    Holiday,
    Hours,
    HoursInvalid,
    Span,
    Weekday,
    WeeklySpan,
    check_hours,
    first_moment,
    next_change,
    open_at,
    open_through,
)

pytestmark = pytest.mark.mission("B1")

BERLIN = "Europe/Berlin"
ZONES = (BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "UTC")
FORWARD = {
    BERLIN: datetime(2027, 3, 28, 1, tzinfo=UTC),
    "America/New_York": datetime(2027, 3, 14, 7, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
}
BACK = {
    BERLIN: datetime(2026, 10, 25, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2027, 4, 3, 15, tzinfo=UTC),
}
EVE = datetime(2026, 12, 24, tzinfo=UTC)


def at(zone: str, *wall: int, fold: int = 0) -> datetime:
    """Return the moment of a local time."""
    return datetime(*wall, fold=fold, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type,misc]


def every_day(opens: int, closes: int) -> tuple[WeeklySpan, ...]:
    return tuple(WeeklySpan(day, opens, closes) for day in Weekday)


class TestWeek:
    NIGHTS = Hours("Asia/Kolkata", (WeeklySpan(Weekday.FRIDAY, 22 * 60, 2 * 60),))

    @pytest.mark.parametrize(
        ("wall", "is_open"),
        [
            ((2026, 11, 20, 21, 59), False),
            ((2026, 11, 20, 22, 0), True),
            ((2026, 11, 21, 1, 59), True),
            ((2026, 11, 21, 2, 0), False),
            ((2026, 11, 21, 22, 0), False),
            ((2026, 11, 20, 1, 0), False),
        ],
    )
    def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins(
        self, wall: tuple[int, ...], is_open: bool
    ) -> None:
        assert open_at(self.NIGHTS, at("Asia/Kolkata", *wall)) is is_open

    def test_sunday_night_goes_on_into_monday(self) -> None:
        hours = Hours("Asia/Kolkata", (WeeklySpan(Weekday.SUNDAY, 23 * 60, 60),))
        assert open_at(hours, at("Asia/Kolkata", 2026, 11, 23, 0, 30))

    def test_the_next_change_is_the_edge_of_a_span(self) -> None:
        noon = at("Asia/Kolkata", 2026, 11, 18, 12)
        opens = next_change(self.NIGHTS, noon)
        assert opens == at("Asia/Kolkata", 2026, 11, 20, 22)
        assert next_change(self.NIGHTS, opens) == at("Asia/Kolkata", 2026, 11, 21, 2)

    def test_the_spans_of_a_day_stand_in_any_order(self) -> None:
        hours = Hours("UTC", (*every_day(900, 1200), *every_day(540, 720)))
        assert next_change(hours, EVE) == EVE + timedelta(hours=9)

    def test_spans_that_touch_are_one(self) -> None:
        hours = Hours("UTC", every_day(0, MINUTES_OF_DAY))
        assert next_change(hours, EVE) is None
        halves = Hours("UTC", (*every_day(0, 720), *every_day(720, MINUTES_OF_DAY)))
        assert next_change(halves, EVE) is None

    def test_without_hours_a_shop_is_always_open(self) -> None:
        assert open_at(Hours("Asia/Kolkata"), EVE)
        assert next_change(Hours("Asia/Kolkata"), EVE) is None


class TestHolidays:
    def test_a_closed_day_is_closed_but_for_the_night_before(self) -> None:
        hours = Hours("UTC", every_day(20 * 60, 2 * 60), (Holiday("2026-12-25"),))

        assert open_at(hours, EVE + timedelta(days=1, hours=1))
        assert not open_at(hours, EVE + timedelta(days=1, hours=21))
        assert next_change(hours, EVE + timedelta(days=1, hours=3)) == EVE + timedelta(days=2, hours=20)

    def test_a_day_with_other_hours_has_only_those(self) -> None:
        hours = Hours("UTC", every_day(480, 1200), (Holiday("2026-12-24", (Span(600, 720),)),))

        assert [open_at(hours, EVE + timedelta(hours=h)) for h in (9, 10, 11, 12, 19)] == [
            False,
            True,
            True,
            False,
            False,
        ]

    def test_a_shop_that_is_always_open_is_closed_on_a_holiday_far_ahead(self) -> None:
        hours = Hours("UTC", (), (Holiday("2027-08-15"),))

        assert next_change(hours, EVE) == datetime(2027, 8, 15, tzinfo=UTC)
        assert next_change(hours, datetime(2027, 8, 15, 12, tzinfo=UTC)) == datetime(2027, 8, 16, tzinfo=UTC)

    def test_after_a_long_vacation_it_opens_on_its_next_usual_day(self) -> None:
        first = date(2026, 12, 20)
        away = tuple(Holiday((first + timedelta(days=n)).isoformat()) for n in range(60))
        hours = Hours("UTC", (WeeklySpan(Weekday.MONDAY, 600, 660),), away)

        assert next_change(hours, EVE) == datetime(2027, 2, 22, 10, tzinfo=UTC)

    def test_other_hours_on_the_day_after_may_overlap_the_night(self) -> None:
        hours = Hours("UTC", every_day(22 * 60, 240), (Holiday("2026-12-25", (Span(60, 120),)),))
        assert next_change(hours, EVE + timedelta(hours=23)) == EVE + timedelta(days=1, hours=4)


class TestChangesOfTheClock:
    @pytest.mark.parametrize("zone", FORWARD)
    def test_a_time_that_the_clock_leaves_out_is_the_moment_it_is_put_forward(self, zone: str) -> None:
        moment = FORWARD[zone]
        before = (moment - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for minutes in (1, 10, 29):
            wall = before + timedelta(seconds=1, minutes=minutes)
            assert first_moment(wall, ZoneInfo(zone)) == moment

    @pytest.mark.parametrize("zone", BACK)
    def test_a_time_that_the_clock_shows_twice_is_the_first_of_the_two(self, zone: str) -> None:
        moment = BACK[zone]
        again = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        first = first_moment(again, ZoneInfo(zone))
        assert first < moment
        assert first.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == again

    def test_a_night_shift_is_an_hour_shorter_in_spring(self) -> None:
        hours = Hours(BERLIN, (WeeklySpan(Weekday.SATURDAY, 22 * 60, 6 * 60),))
        opens = at(BERLIN, 2027, 3, 27, 22)
        assert next_change(hours, opens) == opens + timedelta(hours=7)

    def test_a_night_shift_is_an_hour_longer_in_autumn(self) -> None:
        hours = Hours(BERLIN, (WeeklySpan(Weekday.SATURDAY, 22 * 60, 6 * 60),))
        opens = at(BERLIN, 2026, 10, 24, 22)
        assert next_change(hours, opens) == opens + timedelta(hours=9)

    def test_a_span_that_the_clock_leaves_out_is_there_the_week_after(self) -> None:
        hours = Hours(BERLIN, (WeeklySpan(Weekday.SUNDAY, 130, 170),))
        swallowed = at(BERLIN, 2027, 3, 22, 12)
        assert next_change(hours, swallowed) == at(BERLIN, 2027, 4, 4, 2, 10)

    def test_all_day_stays_all_day(self) -> None:
        for zone in ZONES:
            assert next_change(Hours(zone, every_day(0, MINUTES_OF_DAY)), EVE) is None

    def test_a_day_that_a_country_left_out_has_no_hours(self) -> None:
        """Samoa went from 29 to 31 December 2011."""
        hours = Hours("Pacific/Apia", (WeeklySpan(Weekday.FRIDAY, 540, 1020),))
        after = datetime(2011, 12, 29, 12, tzinfo=UTC)
        assert next_change(hours, after) == at("Pacific/Apia", 2012, 1, 6, 9)


walls = st.integers(0, 2 * 365 * 86_400).map(lambda n: EVE.replace(tzinfo=None) + timedelta(seconds=n))


@given(zone=st.sampled_from(ZONES), a=walls, minutes=st.integers(0, 3 * 1440))
def test_a_later_local_time_is_never_an_earlier_moment(zone: str, a: datetime, minutes: int) -> None:
    later = a + timedelta(minutes=minutes)
    assert first_moment(a, ZoneInfo(zone)) <= first_moment(later, ZoneInfo(zone))


@given(zone=st.sampled_from(ZONES), wall=walls)
def test_the_first_moment_shows_the_time_and_no_moment_before_it_does(zone: str, wall: datetime) -> None:
    found = first_moment(wall, ZoneInfo(zone))
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    just_before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown >= wall > just_before


def _slowly(hours: Hours, moment: datetime) -> bool:
    """The rule in other words: a day's spans, each from the first showing of its start to that of its end,
    found by walking minute by minute."""
    zone = ZoneInfo(hours.timezone)
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        exception = next((one for one in hours.holidays if one.date == day.isoformat()), None)
        name = list(Weekday)[day.weekday()]
        weekly = [one.span for one in hours.weekly if one.day == name]
        spans: Sequence[Span] = exception.spans if exception else weekly
        for span in spans:
            start = datetime.combine(day, time()) + timedelta(minutes=span.opens)
            end = datetime.combine(day + timedelta(days=span.closes < span.opens), time())
            end += timedelta(minutes=span.closes)
            if _walked(start, zone) <= moment < _walked(end, zone):
                return True
    return False


def _walked(wall: datetime, zone: ZoneInfo) -> datetime:
    moment = wall.replace(tzinfo=UTC) - timedelta(hours=16)
    while moment.astimezone(zone).replace(tzinfo=None) < wall:
        moment += timedelta(minutes=30)
    moment -= timedelta(minutes=30)
    while moment.astimezone(zone).replace(tzinfo=None) < wall:
        moment += timedelta(minutes=1)
    return moment


@st.composite
def weeks(draw: st.DrawFn) -> tuple[WeeklySpan, ...]:
    spans = []
    for day in Weekday:
        if draw(st.booleans()):
            opens = draw(st.integers(0, 1439))
            closes = draw(st.integers(0, 1440))
            spans.append(WeeklySpan(day, opens, closes if closes != opens else MINUTES_OF_DAY))
    return tuple(spans) or (WeeklySpan(Weekday.SUNDAY, 60, 150),)


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """A moment, and often one near a change of the clock."""
    near = [changes[zone] for changes in (FORWARD, BACK) if zone in changes] or [EVE]
    base = draw(st.sampled_from(near))
    return base + timedelta(minutes=draw(st.integers(-3 * 1440, 3 * 1440)))


@given(data=st.data(), zone=st.sampled_from(ZONES), weekly=weeks())
def test_open_is_what_walking_minute_by_minute_finds(
    data: st.DataObject, zone: str, weekly: tuple[WeeklySpan, ...]
) -> None:
    moment = data.draw(moments(zone))
    holiday = Holiday((moment.date() + timedelta(days=data.draw(st.integers(-2, 2)))).isoformat())
    hours = Hours(zone, weekly, (holiday,))
    assert open_at(hours, moment) == _slowly(hours, moment)


@given(data=st.data(), zone=st.sampled_from(ZONES), weekly=weeks())
def test_until_the_next_change_nothing_changes_and_then_it_does(
    data: st.DataObject, zone: str, weekly: tuple[WeeklySpan, ...]
) -> None:
    moment = data.draw(moments(zone))
    hours = Hours(zone, weekly)
    now, change = open_at(hours, moment), next_change(hours, moment)
    until = change or moment + timedelta(days=15)
    assert change is None or (change > moment and open_at(hours, change) != now)
    for minutes in range(0, int((until - moment).total_seconds() // 60), 37):
        assert open_at(hours, moment + timedelta(minutes=minutes)) == now


def test_hours_that_never_end_are_not_weighed_at_each_of_their_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    around_the_clock = tuple(Span(hour * 60, (hour + 4) * 60) for hour in range(0, 24, 4))
    weekly = tuple(WeeklySpan(day, span.opens, span.closes) for day in Weekday for span in around_the_clock)
    dates = (EVE.date() + timedelta(days=17 * n) for n in range(MAX_HOLIDAYS))
    hours = Hours(BERLIN, weekly, tuple(Holiday(day.isoformat(), around_the_clock) for day in dates))
    check_hours(hours)
    looks: list[datetime] = []

    def look(asked: Hours, moment: datetime) -> bool:
        looks.append(moment)
        return open_at(asked, moment)

    monkeypatch.setattr(rules, "open_at", look)

    assert next_change(hours, EVE) is None
    assert len(looks) <= MAX_HOLIDAYS + 2


NO_ZONES = (
    "Mars/Olympus",
    "../etc/passwd",
    "Asia/../Kolkata",
    "",
    "asia",
    "Asia",
    "localtime",
    "IST\n",
    "a" * 99,
)


@pytest.mark.parametrize(
    "hours",
    [
        *map(Hours, NO_ZONES),
        Hours(BERLIN, (WeeklySpan(Weekday.SUNDAY, 1380, 60), WeeklySpan(Weekday.MONDAY, 30, 90))),
        Hours(BERLIN, (WeeklySpan(Weekday.MONDAY, 600, 720), WeeklySpan(Weekday.MONDAY, 719, 800))),
        Hours(BERLIN, (WeeklySpan(Weekday.MONDAY, 600, 600),)),
        Hours(BERLIN, (WeeklySpan(Weekday.MONDAY, 1440, 60),)),
        Hours(BERLIN, (WeeklySpan(Weekday.MONDAY, -1, 60),)),
        Hours(BERLIN, (WeeklySpan(Weekday.MONDAY, 0, 1441),)),
        Hours(BERLIN, tuple(WeeklySpan(Weekday.MONDAY, n, n + 1) for n in range(7))),
        Hours(BERLIN, (), (Holiday("2026-02-30"),)),
        Hours(BERLIN, (), (Holiday("20261225"),)),
        Hours(BERLIN, (), (Holiday("9999-12-31"),)),
        Hours(BERLIN, (), (Holiday("2026-12-25"), Holiday("2026-12-25"))),
        Hours(BERLIN, (), (Holiday("2026-12-25", (Span(60, 180), Span(120, 240))),)),
        Hours(BERLIN, (), (Holiday("2026-12-25", (Span(5, 5),)),)),
        Hours(BERLIN, (), tuple(Holiday(f"2027-01-{n % 28 + 1:02}") for n in range(MAX_HOLIDAYS + 1))),
    ],
)
def test_hours_that_cannot_stand_are_refused(hours: Hours) -> None:
    with pytest.raises(HoursInvalid) as refusal:
        check_hours(hours)
    assert refusal.value.errors


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"weekly": every_day(0, MINUTES_OF_DAY)},
        {"weekly": (WeeklySpan(Weekday.SUNDAY, 1380, 60), WeeklySpan(Weekday.MONDAY, 60, 90))},
        {"weekly": (WeeklySpan(Weekday.MONDAY, 1080, 0), WeeklySpan(Weekday.TUESDAY, 0, 60))},
        {"holidays": (Holiday("2026-12-25", (Span(60, 120), Span(120, 240))), Holiday("2026-12-26"))},
    ],
)
def test_hours_that_can_stand_do(changes: dict[str, Any]) -> None:
    check_hours(Hours(BERLIN, **changes))


class TestOpenThrough:
    def test_adjacent_spans_are_one_stretch_and_a_gap_ends_it(self) -> None:
        hours = Hours("UTC", (*every_day(600, 720), *every_day(720, 840), *every_day(850, 900)))
        begin = EVE + timedelta(hours=11)

        assert open_through(hours, begin, EVE + timedelta(minutes=840))
        assert not open_through(hours, begin, EVE + timedelta(minutes=841))
        assert not open_through(hours, begin, EVE + timedelta(minutes=860))
        assert not open_through(hours, EVE, EVE)

    def test_a_night_that_ends_after_midnight_is_one_stretch(self) -> None:
        hours = Hours("UTC", every_day(22 * 60, 2 * 60))
        assert open_through(hours, EVE + timedelta(hours=23), EVE + timedelta(hours=26))
        assert not open_through(hours, EVE + timedelta(hours=23), EVE + timedelta(hours=26, seconds=1))


@given(
    week=weeks(),
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 7 * 1440).map(lambda n: EVE + timedelta(minutes=n)),
    minutes=st.integers(0, 300),
)
def test_a_shop_is_open_through_a_time_when_it_is_open_at_each_minute_of_it(
    week: tuple[WeeklySpan, ...], zone: str, start: datetime, minutes: int
) -> None:
    hours = Hours(zone, week)
    each = [open_at(hours, start + timedelta(minutes=n)) for n in range(max(1, minutes))]
    assert open_through(hours, start, start + timedelta(minutes=minutes)) == all(each)
