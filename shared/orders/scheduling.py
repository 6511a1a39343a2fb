"""Scheduled orders: how far ahead they can be, and when they are activated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.errors import Invalid
from shared.orders.domain import Order
from shared.orders.opening import OpeningAt, Refusal, check_open


class ScheduleOutOfBounds(Invalid):
    """The requested time is too soon or too far ahead."""

    code = "SCHEDULE_OUT_OF_BOUNDS"
    detail = "Schedule an order at least 45 minutes and at most 30 days ahead."


@dataclass(frozen=True, slots=True)
class SchedulingRules:
    """The limits of scheduled orders.

    `slack` is added to the estimated preparation and delivery when an order is activated.
    """

    min_ahead: timedelta = timedelta(minutes=45)
    max_ahead: timedelta = timedelta(days=30)
    slack: timedelta = timedelta(minutes=10)


def check_schedule(scheduled_for: datetime | None, now: datetime, rules: SchedulingRules) -> None:
    """Raise `ScheduleOutOfBounds` for a time that is too soon or too far ahead; None is now."""
    if scheduled_for is not None and not now + rules.min_ahead <= scheduled_for <= now + rules.max_ahead:
        raise ScheduleOutOfBounds


def check_times(
    scheduled_for: datetime | None, eta_minutes: int, opening_at: OpeningAt, now: datetime
) -> None:
    """Raise `ScheduleOutOfBounds` for a time before the earliest possible delivery, and `MerchantClosed` or
    `LastOrderPassed` where the merchant accepts no order at the time at which it has to begin this one."""
    begins = begins_at(scheduled_for, eta_minutes, now)
    if begins < now:
        raise ScheduleOutOfBounds(f"This takes {eta_minutes} minutes from now.")
    check_open(opening_at, begins, scheduled=scheduled_for is not None)


def begins_at(scheduled_for: datetime | None, eta_minutes: int, now: datetime) -> datetime:
    """Return when the merchant has to begin an order at the latest: now, unless it is scheduled."""
    return scheduled_for - timedelta(minutes=eta_minutes) if scheduled_for else now


def activation_time(
    scheduled_for: datetime, eta_minutes: int, opening_at: OpeningAt, rules: SchedulingRules
) -> datetime:
    """Return when to activate an order, so that it arrives at its scheduled time.

    A merchant that is closed then, and opens in time, gets the order when it has to begin it: a timeout
    would otherwise pass before its staff is there.
    """
    begins = begins_at(scheduled_for, eta_minutes, scheduled_for)
    early = begins - rules.slack
    return begins if opening_at(early).refusal is Refusal.CLOSED else early


def activates_at(order: Order) -> datetime:
    """Return when an order is activated: at once unless it is scheduled."""
    return order.activates_at or order.placed_at  # mutant: begins-at-once
