"""The calendar in small: what production counts in hours and days, a run counts in minutes.

So orders for later, several turns of a recurring order, and the ends of papers and of second factors' locks
fit into a run; the rules stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone
from types import ModuleType
from typing import Any

from shared.identity import second_factor
from shared.orders import scheduling
from shared.orders.recurrences import domain as recurrence
from shared.verification import days, lifecycle

AHEAD = timedelta(minutes=8)
"""A turn is placed so long before its time, in place of a day."""
LAST_TRY = timedelta(minutes=5, seconds=30)
"""A turn that cannot be placed is left out when its time is nearer than this, in place of two hours."""
AT_LEAST = timedelta(minutes=5)
"""So far ahead lies an order for later, in place of 45 minutes."""
SLACK = timedelta(seconds=30)
PREP = timedelta(minutes=2)
"""How long a kitchen takes; nothing ordered arrives sooner."""
FREQUENCY = "MINUTELY"
"""What recurs here recurs every so many minutes."""

MIDNIGHT_S = 360.0
"""So long after a run's beginning the day ends on which papers do."""
DAYS = timezone(timedelta(hours=12) - timedelta(seconds=MIDNIGHT_S))
"""Whose days count: a run begins at noon UTC."""

CALENDAR: tuple[tuple[ModuleType, str, Any], ...] = (
    (recurrence, "AHEAD", AHEAD),
    (recurrence, "TRY_AGAIN", timedelta(seconds=30)),
    (recurrence, "LAST_TRY", LAST_TRY),
    (recurrence, "FREQUENCIES", (*recurrence.FREQUENCIES, FREQUENCY)),
    (scheduling, "AT_LEAST", AT_LEAST),
    (scheduling, "SLACK", SLACK),
    (days, "INDIA", DAYS),
    (lifecycle, "INDIA", DAYS),
    (lifecycle, "KEPT_EMPTY", timedelta(minutes=3)),
    (second_factor, "STEPPED_UP_FOR", timedelta(minutes=2)),
    (second_factor, "LOCKED_FOR", timedelta(minutes=1)),
)
"""By module and name, what stands there as long as a run lasts."""

POLICIES: Mapping[type[Any], Any] = {}
"""By its class, the rules of a domain with the calendar of a run; see `Runtime.policy`."""
