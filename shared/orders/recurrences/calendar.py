"""The days of a recurrence: a small part of RFC 5545, which `python-dateutil` evaluates.

Every n days, weeks or months, in weeks on named days, in months on one day or the last, for n occurrences.
The time of day follows the customer's time zone, daylight saving time included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from shared.kernel.errors import Invalid
from shared.kernel.timezones import time_zone

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_OCCURRENCES = 366
MAX_INTERVAL = 52
MAX_DIGITS = 6
LAST_DAY = "-1"
SHORTEST_MONTH = 28
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""How many days each month has at most."""

_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "BYDAY", "BYMONTHDAY"})
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,-]+)")


class RuleInvalid(Invalid):
    """The rule is outside the supported part of RFC 5545."""

    code = "RULE_INVALID"
    detail = (
        "Use a rule of `FREQ=DAILY`, `WEEKLY` or `MONTHLY`, with `INTERVAL`, `COUNT`, `BYDAY` in weeks, "
        "and in months `BYMONTHDAY` from 1 to 31 or -1, the last day."
    )


class MissingDays(StrEnum):
    """What becomes of a monthly occurrence on the 29th to 31st in a month that has no such day."""

    SKIP = "skip"
    """The month has no occurrence, as RFC 5545 says."""
    LAST_DAY = "last_day"
    """It is on the last day of the month."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule, the time zone whose clocks and days it follows, its first moment, and what short months do."""

    rule: str
    timezone: str
    starts_at: datetime
    missing_days: MissingDays = MissingDays.SKIP


def check_rule(rule: str, frequencies: tuple[str, ...]) -> None:
    """Raise `RuleInvalid` for a rule outside the supported part of RFC 5545.

    Other rules could also be costly: `dateutil` searches until the year 9999 for a rule that never matches.
    """
    named = _parts(rule)
    frequency = named.get("FREQ")
    if frequency not in frequencies or not set(named) <= _PARTS:
        raise RuleInvalid
    if ("BYDAY" in named and frequency != "WEEKLY") or ("BYMONTHDAY" in named and frequency != "MONTHLY"):
        raise RuleInvalid
    if not set(named.get("BYDAY", "MO").split(",")) <= set(DAYS):
        raise RuleInvalid
    if named.get("BYMONTHDAY") != LAST_DAY:
        _check_number(named.get("BYMONTHDAY", "1"), max(LONGEST))
    _check_number(named.get("INTERVAL", "1"), MAX_INTERVAL)
    _check_number(named.get("COUNT", "1"), MAX_OCCURRENCES)


def check_occurs(schedule: Schedule) -> None:
    """Raise `RuleInvalid` for a monthly day that no month of the rule has, such as 30 in each February."""
    named, start = _parts(schedule.rule), schedule.starts_at.astimezone(time_zone(schedule.timezone))
    day = named.get("BYMONTHDAY", LAST_DAY)
    if named["FREQ"] != "MONTHLY" or day == LAST_DAY or schedule.missing_days is MissingDays.LAST_DAY:
        return
    interval = int(named.get("INTERVAL", "1"))
    months = {(start.month - 1 + n * interval) % 12 for n in range(12)}
    if int(day) > max(LONGEST[month] for month in months):
        raise RuleInvalid("No month of this rule has that day. Let it be the last day, or name another.")


def next_occurrence(schedule: Schedule, moment: datetime) -> datetime | None:
    """Return the first occurrence after a moment, by the customer's local time; None after the last."""
    found = occurrences_after(schedule, moment, 1)
    return found[0] if found else None


def occurrences_after(schedule: Schedule, moment: datetime, count: int) -> list[datetime]:
    """Return the next occurrences after a moment, at most `count`."""
    zone = time_zone(schedule.timezone)
    after = moment.astimezone(zone).replace(tzinfo=None)
    return [_moment(local, zone) for local in _dates(schedule, zone).xafter(after, count=count)]


def _dates(schedule: Schedule, zone: ZoneInfo) -> rrule | rruleset:
    local_start = schedule.starts_at.astimezone(zone).replace(tzinfo=None)
    return rrulestr(_evaluated(schedule, local_start.day), dtstart=local_start)


def _evaluated(schedule: Schedule, day_of_start: int) -> str:
    """Return the rule as `dateutil` evaluates it: the last of the days up to the named one, where a month
    without it is not to be skipped."""
    named = _parts(schedule.rule)
    day = named.pop("BYMONTHDAY", str(day_of_start))
    kept = ";".join(f"{name}={value}" for name, value in named.items())
    if schedule.missing_days is MissingDays.SKIP or named["FREQ"] != "MONTHLY" or int(day) <= SHORTEST_MONTH:
        return schedule.rule
    days = ",".join(str(number) for number in range(SHORTEST_MONTH, int(day) + 1))
    return f"{kept};BYMONTHDAY={days};BYSETPOS=-1"


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment of a local time: one that daylight saving skips is an hour later that day, one that
    occurs twice is the first."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def _parts(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name. Raises `RuleInvalid` for malformed and repeated parts."""
    parts = [_PART.fullmatch(part) for part in rule.split(";")]
    named = {part[1]: part[2] for part in parts if part}
    if len(named) != len(parts):
        raise RuleInvalid
    return named


def _check_number(text: str, most: int) -> None:
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS or not 1 <= int(text) <= most:
        raise RuleInvalid
