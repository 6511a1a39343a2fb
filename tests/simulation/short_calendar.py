"""A short calendar: what production counts in hours and days, a run counts in minutes.

So scheduled orders, several occurrences of a recurrence, the expiry of verification documents, and the
locks of second factors fit into a run; the rules stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from shared.adapters.copies import CopyRules
from shared.dispatch.matching import Config
from shared.identity.second_factor import SecondFactorRules
from shared.kernel.batch import Limits
from shared.orders.recurrences.domain import RecurrenceRules
from shared.orders.scheduling import SchedulingRules
from shared.orders.unpaid import UnpaidRules
from shared.verification.domain import VerificationRules

PLACED_AHEAD = timedelta(minutes=8)
"""How long before its time an occurrence is placed, in place of a day."""
LAST_RETRY_BEFORE = timedelta(minutes=5, seconds=30)
"""An occurrence that cannot be placed is skipped when its time is nearer than this, in place of two hours."""
AT_LEAST = timedelta(minutes=5)
"""How far ahead a scheduled order is at least, in place of 45 minutes."""
SLACK = timedelta(seconds=30)
PREP = timedelta(minutes=2)
"""The preparation time of a kitchen; nothing ordered arrives sooner."""
MAX_UNPAID = 1
"""So many occurrences in a row that nobody pays end a recurrence, in place of three."""
UNPAID = UnpaidRules(
    per_customer=3,
    held_at_merchant=timedelta(minutes=3),
    held=timedelta(minutes=5),
    window=timedelta(hours=2),
)
"""What a customer can hold unpaid: less in all than two merchants together, and for minutes alone."""
FREQUENCY = "MINUTELY"
"""The frequency of the rules here: every n minutes."""

MIDNIGHT_S = 360.0
"""Seconds from the beginning of a run to midnight, when verification documents expire."""
TIME_ZONE = timezone(timedelta(hours=12) - timedelta(seconds=MIDNIGHT_S))
"""The time zone of expiry days; a run begins at noon UTC."""

SEARCHES = Config(
    max_search_time=timedelta(seconds=80),
    cooldown=timedelta(seconds=70),
    silent_after=timedelta(seconds=90),
)
"""Shorter than in production, so that more searches of a run end."""

PAGE_SIZE = 6
"""The page of a sweep; so small that a run has many."""

COPIES = CopyRules(lifetime=timedelta(minutes=4), wary=timedelta(seconds=30), distrust=timedelta(minutes=9))
"""Copies die in a run, and are believed again after a hold that failed."""

POLICIES: Mapping[type[Any], Any] = {
    RecurrenceRules: RecurrenceRules(
        placed_ahead=PLACED_AHEAD,
        retry_interval=timedelta(seconds=30),
        last_retry_before=LAST_RETRY_BEFORE,
        frequencies=(*RecurrenceRules().frequencies, FREQUENCY),
        max_unpaid=MAX_UNPAID,
    ),
    SchedulingRules: SchedulingRules(min_ahead=AT_LEAST, slack=SLACK),
    Config: SEARCHES,
    CopyRules: COPIES,
    UnpaidRules: UNPAID,
    Limits: Limits(page_size=PAGE_SIZE),
    VerificationRules: VerificationRules(time_zone=TIME_ZONE, upload_deadline=timedelta(minutes=3)),
    SecondFactorRules: SecondFactorRules(recent_mfa=timedelta(minutes=2), locked_for=timedelta(minutes=1)),
}
"""The rules of a domain with the calendar of a run, by class; see `Runtime.policy`."""
