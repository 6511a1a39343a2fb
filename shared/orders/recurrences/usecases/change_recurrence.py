"""Leave out the next turn of a recurring order, or end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.once import Once
from shared.orders.recurrences.domain import Recurrence, RecurrenceNotFound, ended, skipped
from shared.orders.recurrences.ports import RecurrenceStore


class RecurrenceChange(StrEnum):
    """What its customer can do with a recurring order."""

    SKIP_NEXT = "skip_next"
    END = "end"


@dataclass(frozen=True, slots=True)
class ChangeRecurrence:
    """Who changes which recurring order, and how; `turn` is which one they mean by the next."""

    customer_id: str
    recurrence_id: str
    change: RecurrenceChange
    turn: datetime | None = None


async def change_recurrence(
    command: ChangeRecurrence, *, recurrences: RecurrenceStore, once: Once | None = None
) -> Recurrence:
    """Return the changed recurring order; an order that was placed from it stays.

    Raises `RecurrenceNotFound` to everyone but its customer, `RecurrenceEnded`, and `TurnOver` where the
    turn that they mean has just been placed.
    """

    def decide(stored: Recurrence | None) -> Recurrence:
        if stored is None or stored.customer_id != command.customer_id:
            raise RecurrenceNotFound
        if command.change is RecurrenceChange.END:
            return ended(stored)
        return skipped(stored, command.turn)

    return await recurrences.change(command.recurrence_id, decide, once)
