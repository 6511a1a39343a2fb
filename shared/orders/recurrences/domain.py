"""Recurring orders: what happens to each occurrence, and when a recurrence ends. `calendar` has its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM
from shared.kernel.decision import Decision
from shared.kernel.errors import NotFound, WrongState
from shared.kernel.event import Event, event_id
from shared.orders.domain import Order, Place
from shared.orders.pricing import ItemRequest
from shared.orders.recurrences.calendar import (
    MissingDays,
    RuleInvalid,
    Schedule,
    check_occurs,
    next_occurrence,
    occurrences_after,
)
from shared.orders.recurrences.events import OccurrenceSkipped, RecurrenceStopped
from shared.orders.unpaid import ended_unpaid

MAX_ACTIVE = 20
"""Active recurrences of one customer: each occurrence reserves stock for some hours."""
UPCOMING = 5
"""How many of its next occurrences a recurrence shows."""


@dataclass(frozen=True, slots=True)
class RecurrenceRules:
    """When occurrences are placed, retried and skipped.

    The order of an occurrence is placed `placed_ahead` of its time, so that the customer can review and pay
    it. An occurrence that cannot be placed is retried after `retry_interval`, and skipped when its time is
    nearer than `last_retry_before`. A recurrence ends after `max_unpaid` unpaid occurrences in a
    row, since each reserves stock for hours, and after `max_failed` that could not be placed.
    """

    placed_ahead: timedelta = timedelta(hours=24)
    retry_interval: timedelta = timedelta(hours=1)
    last_retry_before: timedelta = timedelta(hours=2)
    frequencies: tuple[str, ...] = ("DAILY", "WEEKLY", "MONTHLY")
    max_unpaid: int = 3
    max_failed: int = 10


class RecurrenceNotFound(NotFound):
    """The recurrence does not exist, or belongs to another customer."""

    code = "RECURRENCE_NOT_FOUND"
    detail = "This recurring order does not exist, or it is not yours."


class RecurrenceEnded(WrongState):
    """The recurrence has no more occurrences."""

    code = "RECURRENCE_ENDED"
    detail = "The recurring order has ended. Start a new one."


class OccurrenceNotPending(WrongState):
    """The occurrence was placed or skipped before."""

    code = "OCCURRENCE_NOT_PENDING"
    detail = "This occurrence was placed or skipped before. Cancel its order as you cancel any other order."


class CustomerAccountClosed(WrongState):
    """The account of the recurrence's customer is closed."""

    code = "CUSTOMER_ACCOUNT_CLOSED"
    detail = "The account of this customer is closed."


class RecurrenceUnpaid(WrongState):
    """The latest occurrences of the recurrence were not paid."""

    code = "RECURRENCE_UNPAID"
    detail = "The latest orders of this recurring order were not paid, so that it has ended. Start a new one."


class TooManyRecurrences(WrongState):
    """The customer has as many active recurrences as are allowed."""

    code = "TOO_MANY_RECURRENCES"
    detail = "You have the maximum number of recurring orders. End one of them first."


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An order that is placed again and again.

    `next_at` is the time of the next occurrence, None after the last; `due_at` is when to place its order.
    `skipped` is the error code of the latest occurrence that could not be placed, `failed` how many could
    not since the last one that was placed. `latest_orders` are the orders of the latest occurrences, as many
    as `RecurrenceRules.max_unpaid`. `ended` is the error code for which the system ended it.
    """

    id: str
    customer_id: str
    merchant_id: str
    items: tuple[ItemRequest, ...]
    dropoff: Place
    tip: int
    rule: str
    timezone: str
    starts_at: datetime
    created_at: datetime
    next_at: datetime | None
    due_at: datetime | None
    placed: int = 0
    skipped: str = ""
    skipped_at: datetime | None = None
    failed: int = 0
    latest_orders: tuple[str, ...] = ()
    ended: str = ""
    missing_days: MissingDays = MissingDays.SKIP

    @property
    def schedule(self) -> Schedule:
        """When it occurs."""
        return Schedule(self.rule, self.timezone, self.starts_at, self.missing_days)


RecurrenceDecision = Decision[Recurrence, Recurrence]


def decided(recurrence: Recurrence, *events: Event) -> RecurrenceDecision:
    """Return the decision for the new state of a recurrence, which is the result as well."""
    return Decision(recurrence, events, recurrence)


def check_active_limit(active: int) -> None:
    """Raise `TooManyRecurrences` when the customer has `MAX_ACTIVE` recurrences that have not ended."""
    if active >= MAX_ACTIVE:
        raise TooManyRecurrences


def start(recurrence: Recurrence, rules: RecurrenceRules) -> Recurrence:
    """Return the recurrence with its first occurrence: at `starts_at`, or on the first day that matches.

    Raises `RuleInvalid` where it would have none.
    """
    # A rule has no fractions of a second.
    begin = recurrence.starts_at.replace(microsecond=0)
    check_occurs(recurrence.schedule)
    started = _advance(recurrence, begin - timedelta(microseconds=1), rules)
    if started.next_at is None:
        raise RuleInvalid("This rule has no occurrence.")
    return started


def upcoming(recurrence: Recurrence) -> list[datetime]:
    """Return the next occurrences of a recurrence, at most `UPCOMING`; none after its end."""
    if recurrence.next_at is None:
        return []
    return [
        recurrence.next_at,
        *occurrences_after(recurrence.schedule, recurrence.next_at, UPCOMING - 1),
    ]


def record_placed(
    recurrence: Recurrence, occurrence: datetime, order_id: str, rules: RecurrenceRules
) -> Recurrence:
    """Return the recurrence after that occurrence was placed; unchanged unless it is the next one."""
    if recurrence.next_at != occurrence:
        return recurrence
    latest = (*recurrence.latest_orders, order_id)[-rules.max_unpaid :]
    placed = replace(recurrence, placed=recurrence.placed + 1, failed=0, latest_orders=latest)
    return _advance(placed, occurrence, rules)


def record_failure(
    recurrence: Recurrence, occurrence: datetime, code: str, now: datetime, rules: RecurrenceRules
) -> RecurrenceDecision:
    """Return the recurrence after that occurrence could not be placed: due for a retry, skipped, or ended
    after too many of them."""
    if recurrence.next_at != occurrence:
        return decided(recurrence)
    if occurrence - now > rules.last_retry_before:
        return decided(replace(recurrence, due_at=now + rules.retry_interval))
    failed = replace(recurrence, failed=recurrence.failed + 1)
    # mutant: no-skip-reason
    skipped = _advance(replace(failed, skipped=code, skipped_at=occurrence), occurrence, rules)
    event = _skipped(recurrence, occurrence, code, now)
    if skipped.failed >= rules.max_failed and skipped.next_at is not None:
        stopped = stop(skipped, code, now)
        return decided(stopped.state, event, *stopped.events)
    return decided(skipped, event)


def check_paid(recurrence: Recurrence, latest: Sequence[Order | None], rules: RecurrenceRules) -> None:
    """Raise `RecurrenceUnpaid` where the latest orders, `max_unpaid` of them, all ended without a payment.

    An order that the merchant called off does not count against the customer.
    """
    # mutant: unpaid-series
    if len(latest) >= rules.max_unpaid and all(order and ended_unpaid(order) for order in latest):
        raise RecurrenceUnpaid


def stop(recurrence: Recurrence, code: str, now: datetime) -> RecurrenceDecision:
    """Return the recurrence ended by the system for a reason, with its event; to stop it twice changes
    nothing."""
    if recurrence.next_at is None:
        return decided(recurrence)
    event = RecurrenceStopped(
        id=event_id(recurrence.id, "recurrence_stopped"),
        at=now,
        actor=SYSTEM.uid,
        recurrence_id=recurrence.id,
        customer_id=recurrence.customer_id,
        reason=code,
    )
    return decided(end(recurrence, code), event)


def postpone(recurrence: Recurrence, now: datetime, rules: RecurrenceRules) -> Recurrence:
    """Return the recurrence due later: its occurrence cannot be processed, and the others come first."""
    return replace(recurrence, due_at=now + rules.retry_interval) if recurrence.due_at else recurrence


def check_pending(recurrence: Recurrence | None, occurrence: datetime) -> Recurrence:
    """Return the recurrence; raise `OccurrenceNotPending` unless that occurrence is its next one."""
    if recurrence is None or recurrence.next_at != occurrence:  # mutant: skipped-placed
        raise OccurrenceNotPending
    return recurrence


def skip(recurrence: Recurrence, rules: RecurrenceRules, occurrence: datetime | None = None) -> Recurrence:
    """Return the recurrence without its next occurrence, as its customer requests.

    Raises `RecurrenceEnded`, and `OccurrenceNotPending` when the next one is not the `occurrence` that the
    customer names.
    """
    if recurrence.next_at is None:
        raise RecurrenceEnded
    if occurrence is not None:  # mutant: other-skipped
        check_pending(recurrence, occurrence)
    return _advance(recurrence, recurrence.next_at, rules)  # mutant: skipped-stays


def end(recurrence: Recurrence, code: str = "") -> Recurrence:
    """Return the recurrence without further occurrences; to end it twice changes nothing.

    `code` is that of the error for which the system ends it.
    """
    if recurrence.next_at is None:
        return recurrence
    return replace(recurrence, next_at=None, due_at=None, ended=code)  # mutant: ended-continues


def _skipped(recurrence: Recurrence, occurrence: datetime, code: str, now: datetime) -> OccurrenceSkipped:
    return OccurrenceSkipped(
        id=event_id(recurrence.id, "occurrence_skipped", str(int(occurrence.timestamp()))),
        at=now,
        actor=SYSTEM.uid,
        recurrence_id=recurrence.id,
        customer_id=recurrence.customer_id,
        occurrence=occurrence,
        timezone=recurrence.timezone,
        reason=code,
    )


def _advance(recurrence: Recurrence, after: datetime, rules: RecurrenceRules) -> Recurrence:
    occurrence = next_occurrence(recurrence.schedule, after)
    ahead = rules.placed_ahead
    # mutant: placed-early
    return replace(recurrence, next_at=occurrence, due_at=occurrence - ahead if occurrence else None)
