"""Read recurrences, each customer only their own."""

from __future__ import annotations

from shared.orders.recurrences.domain import Recurrence, RecurrenceNotFound
from shared.orders.recurrences.ports import RecurrenceStore


async def get_recurrence(recurrence_id: str, uid: str, *, recurrences: RecurrenceStore) -> Recurrence:
    """Return a recurrence of this customer; raise `RecurrenceNotFound` for any other."""
    found = await recurrences.find(recurrence_id)
    if found is None or found.customer_id != uid:
        raise RecurrenceNotFound
    return found
