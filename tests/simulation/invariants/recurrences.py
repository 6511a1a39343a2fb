"""Recurrences: each occurrence is placed once or skipped for a reason, and an ended recurrence stays so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM, Role
from shared.orders.recurrences.domain import RecurrenceUnpaid
from tests.simulation import short_calendar
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process

PLACED_WITHIN = timedelta(minutes=3)
"""The job of the next minute, or the one after, places or skips an occurrence that is due."""


def faults(store: Store, touched: Touched, process: Process) -> Iterator[Fault]:
    """Yield the faults of a commit in recurrences and in the orders of their occurrences."""
    for path, (before, after) in touched.items():
        if path.startswith("recurrences/") and after is not None:
            yield from _recurrence(store, before, after, process)
        elif path.startswith("orders/") and before is None and after and after.get("recurrence_id"):
            yield from _order(store, touched, after, process)


def left_over(store: Store, now: datetime) -> Iterator[Fault]:
    """Yield the recurrences that did not advance, or whose count differs from their orders."""
    for found in store.of("recurrences").values():
        name, orders = found["id"][-6:], _orders(store, found["id"])
        if found["next_at"] and found["due_at"] < now - PLACED_WITHIN:
            yield "22", f"recurrence {name}: {found['next_at']:%X} is due since {found['due_at']:%X}"
        if found["placed"] != len(orders):
            yield "14", f"recurrence {name} counts {found['placed']} orders of {len(orders)}"


def occurrences(recurrence: Document) -> list[datetime]:
    """Return all occurrences of a rule of the short calendar."""
    rule = dict(part.split("=") for part in recurrence["rule"].split(";"))
    first = recurrence["starts_at"].replace(microsecond=0)
    return [first + n * timedelta(minutes=int(rule["INTERVAL"])) for n in range(int(rule["COUNT"]))]


def _recurrence(store: Store, before: Document | None, after: Document, process: Process) -> Iterator[Fault]:
    name, known = after["id"][-6:], occurrences(after)
    if (after["next_at"] is None) != (after["due_at"] is None):
        yield "22", f"recurrence {name}: next_at is {after['next_at']} and due_at {after['due_at']}"
    if before is None:
        if (after["next_at"], after["placed"]) != (known[0], 0):
            yield "12", f"recurrence {name} starts with {after['placed']} placed, next_at {after['next_at']}"
        return
    occurrence, next_at = before["next_at"], after["next_at"]
    if occurrence == next_at:
        if after["placed"] != before["placed"]:
            yield "14", f"recurrence {name}: an occurrence was counted, and it did not advance"
        return
    if occurrence is None:
        yield "12", f"recurrence {name} had ended and continues at {next_at:%X}"
        return
    by_customer = process.name.startswith(after["customer_id"])
    ended = next_at is None and (by_customer or after["ended"] or _was_closed(store, after))
    if not ended and next_at != next(iter(known[known.index(occurrence) + 1 :]), None):
        yield "12", f"recurrence {name} went from its occurrence at {occurrence:%X} to {next_at}"
    yield from _outcome(store, before, after, process)


def _outcome(store: Store, before: Document, after: Document, process: Process) -> Iterator[Fault]:
    """Yield a fault unless the occurrence was placed or skipped: by its customer, or with a reason."""
    name, occurrence = after["id"][-6:], before["next_at"]
    placed = [o for o in _orders(store, after["id"]) if o["scheduled_for"] == occurrence]
    refused = after["skipped"] and after["skipped_at"] == occurrence
    requested = process.name.startswith(after["customer_id"])
    if after["placed"] != before["placed"] + bool(placed):
        yield "14", f"recurrence {name}: {after['placed']} counted with {len(placed)} for {occurrence:%X}"
    if not (placed or refused or requested or after["ended"] or _was_closed(store, after)):
        yield "22", f"recurrence {name}: its occurrence at {occurrence:%X} was neither placed nor skipped"
    if after["ended"] == RecurrenceUnpaid.code and not _unpaid(store, before):
        yield "28", f"recurrence {name} was ended as unpaid, and its latest orders are not"
    if placed and (refused or requested):
        yield "12", f"recurrence {name}: its occurrence at {occurrence:%X} was placed and skipped"


def _unpaid(store: Store, recurrence: Document) -> bool:
    """Return whether the latest orders of a recurrence, as many as end it, all ended without a payment."""
    latest = [store.of("orders")[id_] for id_ in recurrence["latest_orders"]]
    return len(latest) == short_calendar.MAX_UNPAID and all(map(ended_unpaid, latest))


def ended_unpaid(order: Document) -> bool:
    """Return whether an order was cancelled, not by its merchant, and nobody had paid it."""
    if order["fulfilment"] != "cancelled" or order["payment"]["captured"]:
        return False
    by = [entry["actor"] for entry in order["timeline"] if entry["type"] == "order_cancelled"]
    return by[-1] in (SYSTEM.uid, Role.CUSTOMER)


def _order(store: Store, touched: Touched, order: Document, process: Process) -> Iterator[Fault]:
    name, occurrence = order["id"][-6:], order["scheduled_for"]
    path = f"recurrences/{order['recurrence_id']}"
    recurrence, after = touched.get(path, (None, None))
    if recurrence is None or after is None:
        yield "14", f"order {name} was placed, and its recurrence did not advance"
        return
    if _unpaid(store, recurrence):
        yield "28", f"order {name} was placed although the latest of its recurrence were not paid"
    if recurrence["next_at"] != occurrence:
        yield "12", f"order {name} is for {occurrence:%X}, the next occurrence was {recurrence['next_at']}"
    if any(recurrence[party] != order[party] for party in ("customer_id", "merchant_id")):
        yield "12", f"order {name} has another customer or merchant than its recurrence"
    if process.clock() < occurrence - short_calendar.PLACED_AHEAD:
        yield "12", f"order {name} for {occurrence:%X} was placed too early"
    if [o["scheduled_for"] for o in _orders(store, order["recurrence_id"])].count(occurrence) > 1:
        yield "14", f"order {name} is not the only one for the occurrence at {occurrence:%X}"


def _was_closed(store: Store, recurrence: Document) -> bool:
    """Return whether the customer's account was closed: that ends their recurrences."""
    customer = recurrence["customer_id"]
    actions = store.of("audit").values()
    return any(one["action"] == "account_disabled" and one["subject_id"] == customer for one in actions)


def _orders(store: Store, recurrence_id: str) -> list[Document]:
    return [order for order in store.of("orders").values() if order["recurrence_id"] == recurrence_id]
