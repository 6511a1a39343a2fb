"""Documents that no code can read, in front of every sweep: more than a page of each kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.simulation.ports.database import Store
from tests.simulation.process import EPOCH
from tests.simulation.short_calendar import PAGE_SIZE

COUNT = 2 * PAGE_SIZE + 1
LONG_AGO = EPOCH - timedelta(days=1)
"""Older than anything of a run, so that the poison comes first."""

_ORDER: dict[str, Any] = {
    "next_check_at": LONG_AGO,
    "updated_at": LONG_AGO,
    "refund_at": LONG_AGO,
}
_SEARCHED = {"state": "searching", "since": LONG_AGO, "check_at": LONG_AGO, "has_active_work": True}
_CAPTURED = {"state": "captured", "reconcile_after": LONG_AGO}
KINDS: dict[str, tuple[dict[str, Any], ...]] = {
    "outbox": ({"time": LONG_AGO},),
    "offers": ({"state": "open", "expires_at": LONG_AGO},),
    "payments": ({"due_at": LONG_AGO, "reconcile_after": LONG_AGO},),
    "refunds": ({"due_at": LONG_AGO},),
    "recurrences": ({"due_at": LONG_AGO},),
    "verification_documents": ({"due_at": LONG_AGO},),
    "orders": (
        {**_ORDER, "fulfilment": "ready", "assignment": _SEARCHED, "payment": _CAPTURED},
        {**_ORDER, "fulfilment": "ready", "assignment": {"state": "none"}, "payment": _CAPTURED},
        {**_ORDER, "fulfilment": "ready", "assignment": {"state": "unassignable"}, "payment": _CAPTURED},
        {**_ORDER, "fulfilment": "cancelled", "assignment": _SEARCHED, "payment": _CAPTURED},
    ),
}
"""What the query of each sweep asks for, by collection; all other fields are missing."""


def plant_poison(store: Store) -> None:
    """Put unreadable documents in front of every sweep."""
    for collection, shapes in KINDS.items():
        for shape, data in enumerate(shapes):
            for number in range(COUNT):
                name = f"poison-{shape}-{number:02}"
                store.poison(collection, name, {**data, "id": name}, str(shape))
