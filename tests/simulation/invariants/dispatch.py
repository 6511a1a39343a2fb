"""Offers and drivers: one acceptance, one driver per order, no driver above the load cap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.dispatch_orders import Search
from shared.dispatch.drivers import MAX_CONSECUTIVE_TIMEOUTS
from shared.dispatch.matching import Config
from tests.simulation.invariants.orders import WITH_A_DRIVER, Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import true_time
from tests.simulation.runtime import SETTINGS

ITS_TIME = timedelta(seconds=SETTINGS["offer_seconds"])
OFFERED_FOR = ITS_TIME + Config().commit_allowance

REVIEWS = {
    ("applied", "approved"),
    ("applied", "rejected"),
    ("rejected", "applied"),
    ("rejected", "approved"),
    ("approved", "suspended"),
    ("suspended", "approved"),
}
"""The steps of the review of a driver."""

NO_SEARCH: Document = to_document(Search())


def offer_faults(
    store: Store, before: Document | None, after: Document, asked_at: datetime, looked_at: datetime | None
) -> Iterator[Fault]:
    """Yield the faults of a change of an offer by a process that was called at `asked_at`.

    It read the driver at `looked_at`, and decided then. Both are true times: no clock of a process counts.
    """
    name, state = after["id"][-8:], after["state"]
    if before is None:
        if state != "open":
            yield "12", f"offer {name} begins {state}"
        fulfilment = store.of("orders")[after["order_id"]]["fulfilment"]
        if fulfilment != "ready":
            yield "12", f"offer {name} was made for an order that is {fulfilment}"
        if looked_at != after["made_at"] or after["expires_at"] - after["made_at"] != OFFERED_FOR:
            yield "26", f"offer {name} of {after['made_at']:%X} ends at {after['expires_at']:%X}"
        if store.of("drivers")[after["driver_id"]].get("closed"):
            yield "25", f"offer {name} was made to {after['driver_id']}, whose account is closed"
        yield from _one_open(store, after)
        yield from _one_per_driver(store, after)
        return
    if before["state"] == state:
        return
    if before["state"] != "open":
        yield "10", f"offer {name} had ended {before['state']} and became {state}"
    if state == "accepted" and asked_at >= after["expires_at"]:
        yield "10", f"offer {name} was accepted after its end"
    if state == "expired" and true_time() < after["expires_at"]:
        yield "11", f"offer {name} expired before its end"


def _one_open(store: Store, offer: Document) -> Iterator[Fault]:
    others = [name for name in _open_offers(store, offer["order_id"]) if name != offer["id"]]
    if others:
        yield "9", f"offer {offer['id'][-8:]} was made while {others} is open"


def _one_per_driver(store: Store, offer: Document) -> Iterator[Fault]:
    driver = offer["driver_id"]
    others = [
        o["id"] for o in store.of("offers").values() if o["driver_id"] == driver and o["state"] == "open"
    ]
    if others != [offer["id"]]:
        yield "9", f"{driver} has {len(others)} open offers"
    if store.of("drivers")[driver]["consecutive_timeouts"] >= MAX_CONSECUTIVE_TIMEOUTS:
        yield "9", f"{driver} gets an offer after too many timeouts"


def _open_offers(store: Store, order_id: str) -> Iterator[str]:
    for offer in store.of("offers").values():
        if offer["order_id"] == order_id and offer["state"] == "open":
            yield offer["id"]


def assignment_of(store: Store, order: Document) -> Document:
    """Return an order's assignment with the search behind it, which is a document of its own."""
    search = store.of(f"orders/{order['id']}/private").get("search", NO_SEARCH)
    return {**order["assignment"], **search}


def order_faults(store: Store, order: Document) -> Iterator[Fault]:
    """Yield where an order, its offer and its driver contradict each other."""
    name, assignment = order["id"][-6:], assignment_of(store, order)
    holders = [uid for uid, driver in store.of("drivers").items() if order["id"] in driver["active_orders"]]
    if len(holders) > 1:
        yield "9", f"order {name} is held by {holders}"
    offer = store.of("offers").get(assignment["offer_id"] or "")
    if assignment["state"] == "assigned":
        driver = assignment["driver_id"]
        if offer is None or offer["state"] != "accepted" or offer["driver_id"] != driver:
            yield "9", f"order {name} is assigned to {driver} by no accepted offer"
        if order["fulfilment"] not in ("delivered", "returned") and holders != [driver]:
            yield "9", f"order {name} is assigned to {driver} but held by {holders}"
    elif order["fulfilment"] in WITH_A_DRIVER:
        yield "9", f"order {name} is {order['fulfilment']} without an assigned driver"
    elif assignment["driver_id"] is not None:
        yield "9", f"order {name} is {assignment['state']} and names {assignment['driver_id']}"
    elif order["fulfilment"] == "cancelled":
        # Dispatch withdraws the offer when the cancellation reaches it; then none may be left open.
        if assignment["state"] == "none" and any(_open_offers(store, order["id"])):
            yield "10", f"order {name} was cancelled and its offer is open"
    elif assignment["state"] == "offered" and (offer is None or offer["state"] != "open"):
        yield "9", f"order {name} is offered by no open offer"


def driver_faults(store: Store, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield the faults of a driver's record."""
    name, held = after["id"], after["active_orders"]
    if len(held) > after["load_cap"] and len(held) > len(before["active_orders"] if before else ()):
        yield "9", f"{name} carries {len(held)} of {after['load_cap']}"
    if len(set(held)) != len(held):
        yield "14", f"{name} carries an order twice"
    if after["offers_accepted"] > after["offers_made"]:
        yield "14", f"{name} accepted more than was offered"
    if before is not None and after["version"] != before["version"] + 1:
        yield "9", f"{name} went from version {before['version']} to {after['version']}"
    yield from _review_faults(before, after)
    for order_id in held:
        order: Mapping[str, Any] | None = store.of("orders").get(order_id)
        cancelled = order is not None and order["fulfilment"] == "cancelled"
        theirs = order is not None and order["assignment"]["driver_id"] == name
        if not (theirs or cancelled):
            yield "9", f"{name} carries {order_id[-6:]}, which is not theirs"


def _review_faults(before: Document | None, after: Document) -> Iterator[Fault]:
    name, state = after["id"], after["review_state"]
    if before is None:
        if state != "applied":
            yield "12", f"{name} begins {state}"
    elif before["review_state"] != state and (before["review_state"], state) not in REVIEWS:
        yield "12", f"the review of {name} went from {before['review_state']} to {state}"
    if after["approved"] != (state == "approved"):
        yield "12", f"the review of {name} is {state}, and approved is {after['approved']}"
    if after["status"] == "online" and not after["approved"]:
        yield "12", f"{name} is online and {state}"
    if bool(after["review_reason"]) != (state in ("rejected", "suspended")):
        yield "12", f"{name} is {state} for the reason {after['review_reason']!r}"


class OpenOffers:
    """Since when each offer is stored; a driver is charged with a miss for one that was open long enough."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}
        self._former: set[tuple[str, str]] = set()
        """Orders and drivers who had them and lost them before the pickup."""

    def faults(self, touched: Touched) -> Iterator[Fault]:
        """Yield the misses of a commit that are not deserved."""
        yield from self._left(touched)
        ended = {}
        for path, (before, after) in touched.items():
            if path.startswith("offers/") and path.count("/") == 1 and after is not None:
                if before is None:
                    self._since[path] = true_time()
                elif before["state"] == "open" and after["state"] != "open":
                    ended[after["driver_id"]] = (path, after)
        for path, (before, after) in touched.items():
            if path.startswith("drivers/") and path.count("/") == 1 and before and after:
                yield from self._missed(before, after, *ended.get(after["id"], ("", None)))

    def _left(self, touched: Touched) -> Iterator[Fault]:
        """Yield where a driver is asked again for an order that they had, or its figures are not fair."""
        docs = {path: pair for path, pair in touched.items() if path.count("/") == 1}
        for path, (before, after) in docs.items():
            made = path.startswith("offers/") and before is None and after is not None
            if made and after and (after["order_id"], after["driver_id"]) in self._former:
                yield "26", f"{after['driver_id']} is asked again for {after['order_id'][-6:]}"
            if not (path.startswith("orders/") and before and after):
                continue
            driver, states = before["assignment"]["driver_id"], (_state(before), _state(after))
            if states != ("assigned", "searching"):
                continue
            self._former.add((after["id"], driver))
            old, new = docs.get(f"drivers/{driver}", (None, None))
            if not old or not new or new["offers_accepted"] != old["offers_accepted"] - 1:
                yield "26", f"{driver} keeps {after['id'][-6:]} as accepted"
        for path, (before, after) in docs.items():
            if path.startswith("drivers/") and before and after:
                yield from self._absent(docs, before, after)

    def _absent(self, docs: Touched, before: Document, after: Document) -> Iterator[Fault]:
        """Yield where a driver goes offline and their open offer goes on."""
        offer = after["outstanding_offer"]
        went = before["status"] == "online" and after["status"] == "offline"
        if went and offer and after["offer_expires_at"] > true_time():
            yield "26", f"{after['id']} is offline, and offer {offer[-8:]} goes on"

    def _missed(
        self, before: Document, after: Document, path: str, offer: Document | None
    ) -> Iterator[Fault]:
        """Yield where the driver is charged with a miss, or their figures are, without having missed it."""
        missed = after["consecutive_timeouts"] > before["consecutive_timeouts"]
        counted = after["offers_made"] == before["offers_made"]
        if offer is None:
            if missed:
                yield "26", f"{after['id']} missed an offer that did not end"
            return
        whole = offer["state"] == "expired" and offer["expires_at"] - self._since[path] >= ITS_TIME
        if missed != whole:
            yield (
                "26",
                f"{after['id']} missed {offer['id'][-8:]}: {missed}; it was open for its time: {whole}",
            )
        if offer["state"] in ("expired", "withdrawn") and counted != whole:
            yield "26", f"{offer['id'][-8:]} counts for {after['id']}: {counted}; it was missed: {whole}"


def _state(order: Document) -> str:
    return str(order["assignment"]["state"])
