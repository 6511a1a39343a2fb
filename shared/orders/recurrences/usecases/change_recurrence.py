"""Skip the next occurrence of a recurrence, or end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.idempotency import IdempotentRequest
from shared.orders.recurrences.domain import (
    Recurrence,
    RecurrenceDecision,
    RecurrenceNotFound,
    RecurrenceRules,
    decided,
    end,
    skip,
)
from shared.orders.recurrences.ports import RecurrenceStore


class RecurrenceChange(StrEnum):
    """The changes that a customer can make."""

    SKIP_NEXT = "skip_next"
    END = "end"


@dataclass(frozen=True, slots=True)
class ChangeRecurrence:
    """The customer, the recurrence and the change; `occurrence` is the one that the customer expects next."""

    customer_id: str
    recurrence_id: str
    change: RecurrenceChange
    occurrence: datetime | None = None


async def change_recurrence(
    command: ChangeRecurrence,
    *,
    recurrences: RecurrenceStore,
    rules: RecurrenceRules,
    idempotency: IdempotentRequest | None = None,
) -> Recurrence:
    """Return the changed recurrence; orders that were placed from it stay.

    Raises `RecurrenceNotFound` for another customer, `RecurrenceEnded`, and `OccurrenceNotPending` when the
    named occurrence has just been placed.
    """

    def decide(stored: Recurrence | None) -> RecurrenceDecision:
        if stored is None or stored.customer_id != command.customer_id:
            raise RecurrenceNotFound
        if command.change is RecurrenceChange.END:
            return decided(end(stored))
        return decided(skip(stored, rules, command.occurrence))

    return await recurrences.change(command.recurrence_id, decide, idempotency)
