"""Expiry days: a document is valid until the end of its last day in India."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo

INDIA = timezone(timedelta(hours=5, minutes=30))


def end_of(day: date, zone: tzinfo = INDIA) -> datetime:
    """Return the time at which a day is over in a time zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def has_expired(valid_until: datetime | None, at: datetime) -> bool:
    """Say whether something that is valid before `valid_until` (None: no expiry) has expired."""
    return valid_until is not None and at >= valid_until
