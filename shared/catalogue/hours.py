"""Opening hours in a merchant's own time zone: weekly spans, holidays, daylight saving time.

A span belongs to the day on which it begins. `closes` before `opens` means on the next day, so that
22:00 to 02:00 on a Friday ends on Saturday, even when Saturday itself is a holiday.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.kernel.errors import FieldError, Invalid
from shared.kernel.timezones import ZoneUnknown, time_zone

MINUTES_OF_DAY = 24 * 60
MAX_SPANS_OF_DAY = 6
MAX_HOLIDAYS = 100

_LOOK_AHEAD = range(-1, 16)
"""Days around a date within which every weekly span occurs. Two weeks and not one: a span that daylight
saving time skips occurs in the week after."""

Stretch = tuple[datetime, datetime]
"""From the first moment to the one just after the last, both in UTC."""


class HoursInvalid(Invalid):
    """The opening hours are invalid."""

    code = "HOURS_INVALID"
    detail = "The opening hours are invalid. Correct the fields that `errors` names."


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEK = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Span:
    """From `opens` to `closes`, in minutes after midnight: 0 to 1439, and 0 to 1440."""

    opens: int
    closes: int

    @property
    def minutes(self) -> int:
        """The length in minutes on a day without a change of the clock."""
        return self.closes - self.opens + (MINUTES_OF_DAY if self.closes < self.opens else 0)


@dataclass(frozen=True, slots=True)
class WeeklySpan:
    """A span of one day of every week."""

    day: Weekday
    opens: int
    closes: int

    @property
    def span(self) -> Span:
        """The span without its day."""
        return Span(self.opens, self.closes)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A date (ISO 8601) with its own hours. Without spans the merchant is closed on that date."""

    date: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours. Without weekly spans the merchant is always open, except on holidays."""

    timezone: str
    weekly: tuple[WeeklySpan, ...] = ()
    holidays: tuple[Holiday, ...] = ()


def open_at(hours: Hours, moment: datetime) -> bool:
    """Return whether the merchant is open by its hours at a moment."""
    today = moment.astimezone(time_zone(hours.timezone)).date()
    days = (today + timedelta(days=n) for n in (-1, 0, 1))
    return any(start <= moment < end for day in days for start, end in _stretches(hours, day))


def open_through(hours: Hours, moment: datetime, until: datetime) -> bool:
    """Return whether the merchant is open by its hours from one moment to another, at most a day later."""
    today = moment.astimezone(time_zone(hours.timezone)).date()
    days = (today + timedelta(days=n) for n in (-1, 0, 1, 2))
    reached = moment
    for start, end in sorted(stretch for day in days for stretch in _stretches(hours, day)):
        if start <= reached < end:
            reached = end
    return moment < reached and reached >= until


def next_change(hours: Hours, moment: datetime) -> datetime | None:
    """Return the next moment at which the merchant opens or closes by its hours; None if there is none."""
    until = moment if open_at(hours, moment) else None
    for day in _days_from(hours, moment.astimezone(time_zone(hours.timezone)).date()):
        for start, end in sorted(_stretches(hours, day)):
            if end <= moment or start == end:
                continue
            if until is None:
                return start
            # The loop skips days between these dates, so a span may continue there: `open_at` decides.
            if start > until and not open_at(hours, until):
                return until
            until = max(until, end)
    return until if until is not None and not open_at(hours, until) else None


def first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment, in UTC, at which clocks of the zone show the naive time `wall` or later.

    In autumn clocks show a time twice: the result is the first moment. In spring they skip a time: the
    result is the moment of the change. A later `wall` never gives an earlier moment.
    """
    late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown(late, zone) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before, after = 0, int((late - early).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if _shown(early + timedelta(seconds=middle), zone) >= wall:
            after = middle
        else:
            before = middle
    return early + timedelta(seconds=after)


def check_hours(hours: Hours) -> None:
    """Raise `HoursInvalid` with every fault: an unknown time zone or date, a repeated date, too many dates
    or spans, a span with no length or impossible times, spans that overlap."""
    faults = [*_zone_faults(hours.timezone), *_weekly_faults(hours.weekly), *_holiday_faults(hours.holidays)]
    if faults:
        raise HoursInvalid(errors=tuple(faults))


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _stretches(hours: Hours, day: date) -> Iterator[Stretch]:
    zone = time_zone(hours.timezone)
    midnight = datetime.combine(day, time())
    for span in _spans_of(hours, day):
        opens = midnight + timedelta(minutes=span.opens)
        yield first_moment(opens, zone), first_moment(opens + timedelta(minutes=span.minutes), zone)


def _spans_of(hours: Hours, day: date) -> Sequence[Span]:
    today = day.isoformat()
    for holiday in hours.holidays:
        if holiday.date == today:
            return holiday.spans
    if not hours.weekly:
        return (Span(0, MINUTES_OF_DAY),)
    return [weekly.span for weekly in hours.weekly if weekly.day is _WEEK[day.weekday()]]


def _days_from(hours: Hours, today: date) -> Sequence[date]:
    """Return, in order, the days that can contain the next change."""
    dates = [date.fromisoformat(holiday.date) for holiday in hours.holidays]
    starts = [today, *(day for day in dates if day > today)]
    return sorted({start + timedelta(days=n) for start in starts for n in _LOOK_AHEAD})


def _zone_faults(name: str) -> Iterator[FieldError]:
    try:
        time_zone(name)
    except ZoneUnknown:
        yield FieldError("/timezone", "This is not a time zone of the IANA database, such as Asia/Kolkata.")


def _weekly_faults(weekly: Sequence[WeeklySpan]) -> Iterator[FieldError]:
    for n, one in enumerate(weekly):
        yield from _span_faults(f"/weekly/{n}", one.span)
    if any(sum(one.day is day for one in weekly) > MAX_SPANS_OF_DAY for day in _WEEK):
        yield FieldError("/weekly", f"A day has at most {MAX_SPANS_OF_DAY} spans.")
    placed = [(_WEEK.index(one.day) * MINUTES_OF_DAY + one.opens, one.span.minutes) for one in weekly]
    if _overlapping(placed, len(_WEEK) * MINUTES_OF_DAY):
        yield FieldError("/weekly", "Two spans overlap.")


def _holiday_faults(holidays: Sequence[Holiday]) -> Iterator[FieldError]:
    if len(holidays) > MAX_HOLIDAYS:
        yield FieldError("/holidays", f"There are at most {MAX_HOLIDAYS} dates.")
    seen: set[str] = set()
    for n, holiday in enumerate(holidays):
        if not _is_date(holiday.date):
            yield FieldError(
                f"/holidays/{n}/date", "This is not a date between 2000 and 2199, such as 2026-12-25."
            )
        if holiday.date in seen:
            yield FieldError(f"/holidays/{n}/date", "This date is repeated.")
        seen.add(holiday.date)
        if len(holiday.spans) > MAX_SPANS_OF_DAY:
            yield FieldError(f"/holidays/{n}/spans", f"A day has at most {MAX_SPANS_OF_DAY} spans.")
        for m, span in enumerate(holiday.spans):
            yield from _span_faults(f"/holidays/{n}/spans/{m}", span)
        if _overlapping([(span.opens, span.minutes) for span in holiday.spans], 2 * MINUTES_OF_DAY):
            yield FieldError(f"/holidays/{n}/spans", "Two spans overlap.")


def _span_faults(pointer: str, span: Span) -> Iterator[FieldError]:
    if not (0 <= span.opens < MINUTES_OF_DAY and 0 <= span.closes <= MINUTES_OF_DAY):
        yield FieldError(pointer, "A time is from 00:00 to 23:59; only closing may be at 24:00.")
    elif span.opens == span.closes:
        yield FieldError(pointer, "A span has a length: all day is 00:00 to 24:00.")


def _overlapping(spans: Iterable[tuple[int, int]], around: int) -> bool:
    """Return whether two of the spans (start and length) overlap on a clock of `around` minutes."""
    ordered = sorted(spans)
    following = [*ordered[1:], *((start + around, length) for start, length in ordered[:1])]
    return any(start + length > after for (start, length), (after, _) in zip(ordered, following, strict=True))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text and "2000" < text < "2200"
    except ValueError:
        return False
