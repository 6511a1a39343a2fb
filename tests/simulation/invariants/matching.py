"""Matching recovers by itself: a waiting order and an available driver are matched soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from shared.dispatch.usecases.sweep_offers import SEARCH_GRACE
from tests.simulation.invariants.clocks import MOST_APART
from tests.simulation.invariants.dispatch import assignment_of
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store
from tests.simulation.process import true_time
from tests.simulation.scenario import Theme
from tests.simulation.short_calendar import SEARCHES

RECOVERED_WITHIN = timedelta(minutes=1)
WITHIN: Mapping[Theme, timedelta] = {
    Theme.DRIVER_INDEX: RECOVERED_WITHIN + SEARCHES.max_delay,
    Theme.CLOCKS: RECOVERED_WITHIN + SEARCHES.max_delay + MOST_APART,
    Theme.ALL: RECOVERED_WITHIN + SEARCH_GRACE + timedelta(minutes=1),
}
"""The promise, and the time between two search attempts: by the task, or by the sweeper where tasks are lost.
A fast clock sets the next attempt so much later."""
COOLDOWN = SEARCHES.cooldown + timedelta(minutes=1)
"""How much later a search continues that ended without candidates."""
PINGED_WITHIN_S = 20.0


class Waiting:
    """Records since when each order and each driver who could take it have both waited."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: dict[tuple[str, int, str, str], float] = {}

    def overdue(
        self, pings: dict[str, float], healthy_since: float | None, within: timedelta, now: float
    ) -> Iterator[Fault]:
        """Yield the pairs that waited for too long since the last outage of the driver location index."""
        idle = self._idle(pings, now)
        pairs = {
            (str(order["id"]), int(assignment["attempt"]), str(assignment["state"]), driver)
            for order in self._store.of("orders").values()
            if _waits(order)
            for assignment in (assignment_of(self._store, order),)
            for driver in idle - _not_asked(order, assignment) - self._not_matched(order["customer_id"])
        }
        self._since = {pair: self._since.get(pair, now) for pair in pairs}
        if healthy_since is None:
            return
        for (order_id, _, state, driver), since in self._since.items():
            waited = timedelta(seconds=now - max(since, healthy_since))
            if waited > within + (COOLDOWN if state == "unassignable" else timedelta(0)):
                yield (
                    "17",
                    f"order {order_id[-6:]} is {state}, {driver} idle and near, for {waited.seconds} s",
                )

    def _idle(self, pings: dict[str, float], now: float) -> set[str]:
        """Return the drivers who are online, report positions, have room and no open offer."""
        offers = self._store.of("offers").values()
        asked = {offer["driver_id"] for offer in offers if offer["state"] == "open"}
        return {
            uid
            for uid, driver in self._store.of("drivers").items()
            if driver["approved"] and driver["status"] == "online" and uid not in asked
            if len(driver["active_orders"]) < driver["load_cap"] and _has_valid_documents(driver)
            if now - pings.get(uid, -PINGED_WITHIN_S) < PINGED_WITHIN_S
        }

    def _not_matched(self, customer: str) -> set[str]:
        """Return the users who are not matched with a customer."""
        return set(self._store.of("review_records").get(customer, {}).get("not_matched", ()))


def _has_valid_documents(driver: Document) -> bool:
    until = driver["documents_valid_until"]
    return until is None or bool(until > true_time())


def _waits(order: Document) -> bool:
    waiting = order["assignment"]["state"] in ("none", "searching", "unassignable")
    return bool(order["fulfilment"] == "ready" and order["payment"]["captured"] and waiting)


def _not_asked(order: Document, assignment: Document) -> set[str]:
    """Return the drivers who get no offer of an order: they declined, or had it before."""
    return {*assignment["excluded_drivers"], *assignment["former_drivers"], *order["replaced_drivers"]}
