"""Orders for later: how far ahead, and when their turn comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.kernel.errors import Invalid
from shared.orders.domain import Order

AT_LEAST = timedelta(minutes=45)
AT_MOST = timedelta(days=30)
SLACK = timedelta(minutes=10)
"""How much sooner than the plain sum of cooking and driving an order is handed to the shop."""


class ScheduleOutOfBounds(Invalid):
    """An order for later is wanted at least 45 minutes and at most 30 days ahead."""

    code = "SCHEDULE_OUT_OF_BOUNDS"
    detail = "An order for later is wanted at least 45 minutes and at most 30 days ahead."


def check_schedule(scheduled_for: datetime | None, now: datetime) -> None:
    """Raise `ScheduleOutOfBounds` for a time that is too soon or too far off; None is now."""
    if scheduled_for is not None and not now + AT_LEAST <= scheduled_for <= now + AT_MOST:
        raise ScheduleOutOfBounds


def check_in_time(scheduled_for: datetime | None, eta_minutes: int, now: datetime) -> None:
    """Raise `ScheduleOutOfBounds` for a time by which a shop that begins at once would not be done."""
    if scheduled_for is not None and scheduled_for < now + timedelta(minutes=eta_minutes):
        raise ScheduleOutOfBounds(f"This takes {eta_minutes} minutes from now.")


def activates_at(order: Order) -> datetime:
    """Return when an order for later is handed to the shop, so that it arrives at its time."""
    wanted = order.scheduled_for or order.placed_at
    return wanted - timedelta(minutes=order.eta_minutes) - SLACK  # mutant: begins-at-once
