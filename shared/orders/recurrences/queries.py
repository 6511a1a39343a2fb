"""Reading recurring orders, each customer only their own."""

from __future__ import annotations

from shared.orders.recurrences.domain import Recurrence, RecurrenceNotFound
from shared.orders.recurrences.ports import RecurrenceStore


async def get_recurrence(recurrence_id: str, uid: str, *, recurrences: RecurrenceStore) -> Recurrence:
    """Return a recurring order to its customer; raises `RecurrenceNotFound` to everyone else."""
    found = await recurrences.find(recurrence_id)
    if found is None or found.customer_id != uid:
        raise RecurrenceNotFound
    return found
