"""Days, as papers count them: the days of India, each good until it is over there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

INDIA = timezone(timedelta(hours=5, minutes=30))
"""Whose days count: a paper is good until the end of its last day there."""


def end_of(day: date) -> datetime:
    """Return the moment at which a day is over in India."""
    return datetime.combine(day + timedelta(days=1), time(), INDIA)


def last_day(valid_until: datetime) -> date:
    """Return the day of which `valid_until` is the end."""
    return valid_until.astimezone(INDIA).date() - timedelta(days=1)


def is_over(valid_until: datetime | None, at: datetime) -> bool:
    """Say whether what is good before `valid_until` (None: for ever) is over at a moment."""
    return valid_until is not None and at >= valid_until
