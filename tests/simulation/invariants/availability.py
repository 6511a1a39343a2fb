"""Availability: a search meets nobody who cannot be asked, once nothing fails any more."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store

CORRECTED_WITHIN_S = 8.0
"""Longer than a request takes; a search that finds the driver corrects the index too, but later."""


Known = tuple[bool, Any, Any]
"""Whether a driver can take an order, the version of their record, and their load cap."""


class Shown:
    """Records since when the index shows each driver as available whose record says otherwise.

    It begins when the faults end, and looks at the drivers whose record has changed since: the index may have
    missed earlier changes. A load cap is changed in the record alone, so that of such drivers nothing is
    expected until a search corrects the index.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before = dict(_availabilities(store))
        self._since: dict[str, float] = {}

    def faults(self, shown: Set[str], now: float) -> Iterator[Fault]:
        """Yield the drivers who are shown as available for too long."""
        wrong = {
            uid
            for uid, known in _availabilities(self._store)
            if uid in shown and not known[0] and self._has_moved(uid, known)
        }
        self._since = {uid: self._since.get(uid, now) for uid in wrong}
        for uid, since in self._since.items():
            if now - since > CORRECTED_WITHIN_S:
                yield "17", f"the index shows {uid} as available, who is not, for {now - since:.0f} s"

    def _has_moved(self, uid: str, known: Known) -> bool:
        """Return whether a driver's record has changed, by more than its load cap."""
        before = self._before.get(uid)
        return before is None or (known != before and known[2] == before[2])


def _availabilities(store: Store) -> Iterator[tuple[str, Known]]:
    for uid, driver in store.of("drivers").items():
        yield uid, (_can_take_order(driver), driver["version"], driver["load_cap"])


def _can_take_order(driver: Document) -> bool:
    return bool(driver["status"] == "online" and len(driver["active_orders"]) < driver["load_cap"])
