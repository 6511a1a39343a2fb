"""Cron expressions of five fields, as Cloud Scheduler takes them, in UTC.

Each field is `*`, a number, a range `a-b`, any of them with a step `/n`, or a list of these with
commas. Months and days of the week may be named. If both day fields are restricted, a day matches
when either does (crontab(5)).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = 5


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, expression: str) -> Cron:
        """Read an expression; raises `ValueError` that says what is wrong with it."""
        fields = expression.lower().split()
        if len(fields) != FIELDS:
            raise ValueError(f"cron expression {expression!r} must have five fields")
        minute, hour, day, month, weekday = fields
        return cls(
            minutes=_field(minute, 0, 59),
            hours=_field(hour, 0, 23),
            days=_field(day, 1, 31),
            months=_field(_numbered(month, MONTHS, 1), 1, 12),
            weekdays=frozenset(number % 7 for number in _field(_numbered(weekday, WEEKDAYS, 0), 0, 7)),
            any_day=day.startswith("*"),
            any_weekday=weekday.startswith("*"),
        )

    def matches(self, moment: datetime) -> bool:
        """Tell whether the job runs in the minute of `moment`, which is in UTC."""
        in_time = moment.minute in self.minutes and moment.hour in self.hours
        return in_time and moment.month in self.months and self._matches_day(moment)

    def _matches_day(self, moment: datetime) -> bool:
        day = moment.day in self.days
        weekday = moment.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return day and weekday
        return day or weekday


def _numbered(field: str, names: tuple[str, ...], first: int) -> str:
    for number, name in enumerate(names, start=first):
        field = field.replace(name, str(number))
    return field


def _field(text: str, low: int, high: int) -> frozenset[int]:
    """Return every number that a field allows."""
    return frozenset(number for part in text.split(",") for number in _part(part, low, high))


def _part(text: str, low: int, high: int) -> range:
    span, slash, step = text.partition("/")
    first, dash, last = span.partition("-")
    if span == "*":
        start, end = low, high
    elif dash:
        start, end = _number(first, text), _number(last, text)
    else:
        start = _number(first, text)
        end = high if slash else start
    by = _number(step, text) if slash else 1
    if not (low <= start <= end <= high and by > 0):
        raise ValueError(f"cron field {text!r} is not within {low}-{high}")
    return range(start, end + 1, by)


def _number(text: str, part: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"cron field {part!r} holds {text!r}, which is not a number")
    return int(text)
