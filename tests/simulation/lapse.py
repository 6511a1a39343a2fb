"""The calendar in small: what production counts in hours and days, a run counts in minutes.

So orders for later and several turns of a recurring order fit into a run; the rules stay as they are.
"""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

from shared.orders import recurrence, scheduling

AHEAD = timedelta(minutes=8)
"""A turn is placed so long before its time, in place of a day."""
LAST_TRY = timedelta(minutes=5, seconds=30)
AT_LEAST = timedelta(minutes=5)
"""So far ahead lies an order for later, in place of 45 minutes."""
SLACK = timedelta(seconds=30)
PREP = timedelta(minutes=2)
"""How long a kitchen takes; nothing ordered arrives sooner."""
FREQUENCY = "MINUTELY"
"""What recurs here recurs every so many minutes."""

CALENDAR: tuple[tuple[ModuleType, str, Any], ...] = (
    (recurrence, "AHEAD", AHEAD),
    (recurrence, "TRY_AGAIN", timedelta(seconds=30)),
    (recurrence, "LAST_TRY", LAST_TRY),
    (recurrence, "FREQUENCIES", (*recurrence.FREQUENCIES, FREQUENCY)),
    (scheduling, "AT_LEAST", AT_LEAST),
    (scheduling, "SLACK", SLACK),
)
"""By module and name, what stands there as long as a run lasts."""
