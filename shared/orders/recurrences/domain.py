"""Orders that come again: which days, and what becomes of each turn.

A rule is a small part of RFC 5545, read by `python-dateutil`: every so many days, weeks or months, in
weeks on named days, for so many turns. The time of day is the customer's own, through summer time too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from shared.kernel.errors import Invalid, NotFound, WrongState
from shared.orders.domain import Place
from shared.orders.pricing import ItemRequest

AHEAD = timedelta(hours=24)
"""How long before its time a turn's order is placed, so that its customer can look at it and pay."""

TRY_AGAIN = timedelta(hours=1)
LAST_TRY = timedelta(hours=2)
"""A turn that cannot be placed is tried hourly, and left out when its time is nearer than this."""

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_TURNS = 366
MAX_ACTIVE = 20
"""Recurring orders that one customer can have at once: each turn keeps goods from others for some hours."""
MAX_INTERVAL = 52
MAX_DIGITS = 6
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,]+)")


class RecurrenceNotFound(NotFound):
    """There is no such recurring order, or it is not yours."""

    code = "RECURRENCE_NOT_FOUND"
    detail = "There is no such recurring order, or it is not yours."


class RecurrenceEnded(WrongState):
    """The recurring order has ended."""

    code = "RECURRENCE_ENDED"
    detail = "The recurring order has ended."


class TurnOver(WrongState):
    """This turn was placed or left out before; an order that was placed is cancelled as any other."""

    code = "TURN_OVER"
    detail = "This turn was placed or left out before; an order that was placed is cancelled as any other."


class CustomerGone(WrongState):
    """The account of whoever wished for this is closed."""

    code = "CUSTOMER_GONE"
    detail = "The account of whoever wished for this is closed."


class TooManyRecurrences(WrongState):
    """You have as many recurring orders as you can have; end one of them first."""

    code = "TOO_MANY_RECURRENCES"
    detail = "You have as many recurring orders as you can have; end one of them first."


class RuleInvalid(Invalid):
    """A rule is `FREQ=DAILY`, `WEEKLY` or `MONTHLY`, with `INTERVAL`, `COUNT`, and `BYDAY` in weeks."""

    code = "RULE_INVALID"
    detail = "A rule is `FREQ=DAILY`, `WEEKLY` or `MONTHLY`, with `INTERVAL`, `COUNT`, and `BYDAY` in weeks."


class ZoneUnknown(Invalid):
    """There is no such time zone."""

    code = "ZONE_UNKNOWN"
    detail = "There is no such time zone."


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A wish that is ordered again and again.

    `next_at` is when the next turn is wanted, None after the last; `due_at` is when it is to be placed.
    `skipped` says why the latest turn that could not be placed was left out, by its error's code.
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


def check_rule(rule: str) -> None:
    """Raise `RuleInvalid` for what is not of the small kind that is understood here.

    What is refused would also be costly: a rule that never comes true is searched for until the year 9999.
    """
    parts = [_PART.fullmatch(part) for part in rule.split(";")]
    named = {part[1]: part[2] for part in parts if part}
    if len(named) != len(parts) or not set(named) <= {"FREQ", "INTERVAL", "COUNT", "BYDAY"}:
        raise RuleInvalid
    if named.get("FREQ") not in FREQUENCIES or ("BYDAY" in named and named["FREQ"] != "WEEKLY"):
        raise RuleInvalid
    if not set(named.get("BYDAY", "MO").split(",")) <= set(DAYS):
        raise RuleInvalid
    _check_number(named.get("INTERVAL", "1"), MAX_INTERVAL)
    _check_number(named.get("COUNT", "1"), MAX_TURNS)


def check_zone(name: str) -> None:
    """Raise `ZoneUnknown` for what the time zone database does not know."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZoneUnknown from None


def check_room(active: int) -> None:
    """Raise `TooManyRecurrences` where a customer has so many that have not ended."""
    if active >= MAX_ACTIVE:
        raise TooManyRecurrences


def first(recurrence: Recurrence) -> Recurrence:
    """Return the recurrence waiting for its first turn: at `starts_at`, or on the first day that fits."""
    # A rule knows no fractions of a second.
    begin = recurrence.starts_at.replace(microsecond=0)
    return _waiting(recurrence, begin - timedelta(microseconds=1))


def placed(recurrence: Recurrence, turn: datetime) -> Recurrence:
    """Return the recurrence after that turn was placed; any other turn than the next changes nothing."""
    if recurrence.next_at != turn:
        return recurrence
    return _waiting(replace(recurrence, placed=recurrence.placed + 1), turn)


def failed(recurrence: Recurrence, turn: datetime, code: str, now: datetime) -> Recurrence:
    """Return the recurrence after that turn could not be placed: to be tried again, or left out."""
    if recurrence.next_at != turn:
        return recurrence
    if turn - now > LAST_TRY:
        return replace(recurrence, due_at=now + TRY_AGAIN)
    return _waiting(replace(recurrence, skipped=code, skipped_at=turn), turn)


def postponed(recurrence: Recurrence, now: datetime) -> Recurrence:
    """Return the recurrence, of whose turn nothing can be made, to be looked at after the others."""
    return replace(recurrence, due_at=now + TRY_AGAIN) if recurrence.due_at else recurrence


def check_turn(recurrence: Recurrence | None, turn: datetime) -> None:
    """Raise `TurnOver` unless that turn is the next one."""
    if recurrence is None or recurrence.next_at != turn:
        raise TurnOver


def skipped(recurrence: Recurrence, turn: datetime | None = None) -> Recurrence:
    """Return the recurrence without its next turn, at the customer's wish.

    Raises `RecurrenceEnded`, and `TurnOver` where the next is not the `turn` that they meant.
    """
    if recurrence.next_at is None:
        raise RecurrenceEnded
    if turn is not None:
        check_turn(recurrence, turn)
    return _waiting(recurrence, recurrence.next_at)


def ended(recurrence: Recurrence) -> Recurrence:
    """Return the recurrence with no more turns; ending it twice changes nothing."""
    return replace(recurrence, next_at=None, due_at=None)


def _waiting(recurrence: Recurrence, after: datetime) -> Recurrence:
    turn = _turn_after(recurrence, after)
    return replace(recurrence, next_at=turn, due_at=turn - AHEAD if turn else None)


def _turn_after(recurrence: Recurrence, moment: datetime) -> datetime | None:
    """Return the first turn after a moment, counted on the customer's clock; None after the last."""
    zone = ZoneInfo(recurrence.timezone)
    clock = recurrence.starts_at.astimezone(zone).replace(tzinfo=None)
    turns = rrulestr(recurrence.rule, dtstart=clock)
    local = turns.after(moment.astimezone(zone).replace(tzinfo=None))
    # A time that summer time leaves out is an hour later then; one that comes twice is the first.
    return local.replace(tzinfo=zone).astimezone(UTC) if local else None


def _check_number(text: str, most: int) -> None:
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS or not 1 <= int(text) <= most:
        raise RuleInvalid
