"""Recurring orders: each turn is placed once or left out for a reason, and what is over stays over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation import lapse
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process

OVERDUE = timedelta(minutes=3)
"""A turn that is due is placed, or left out, by the job of the next minute or the one after."""


def faults(store: Store, touched: Touched, process: Process) -> Iterator[Fault]:
    """Yield what is wrong with what a commit did to series and to the orders of their turns."""
    for path, (before, after) in touched.items():
        if path.startswith("recurrences/") and after is not None:
            yield from _series(store, before, after, process)
        elif path.startswith("orders/") and before is None and after and after["recurrence_id"]:
            yield from _order(store, touched, after, process)


def left_over(store: Store, now: datetime) -> Iterator[Fault]:
    """Yield the series that have not gone on, or whose count is not that of their orders."""
    for series in store.of("recurrences").values():
        name, orders = series["id"][-6:], _orders(store, series["id"])
        if series["next_at"] and series["due_at"] < now - OVERDUE:
            yield "22", f"series {name}: {series['next_at']:%X} is due since {series['due_at']:%X}"
        if series["placed"] != len(orders):
            yield "14", f"series {name} counts {series['placed']} orders of {len(orders)}"


def turns(series: Document) -> list[datetime]:
    """Return all turns of a rule of the small calendar."""
    rule = dict(part.split("=") for part in series["rule"].split(";"))
    first = series["starts_at"].replace(microsecond=0)
    return [first + n * timedelta(minutes=int(rule["INTERVAL"])) for n in range(int(rule["COUNT"]))]


def _series(store: Store, before: Document | None, after: Document, process: Process) -> Iterator[Fault]:
    name, known = after["id"][-6:], turns(after)
    if (after["next_at"] is None) != (after["due_at"] is None):
        yield "22", f"series {name}: its next turn is {after['next_at']} and due {after['due_at']}"
    if before is None:
        if (after["next_at"], after["placed"]) != (known[0], 0):
            yield "12", f"series {name} begins with {after['placed']} placed, its next at {after['next_at']}"
        return
    turn, next_at = before["next_at"], after["next_at"]
    if turn == next_at:
        if after["placed"] != before["placed"]:
            yield "14", f"series {name}: a turn was counted, and it did not go on"
        return
    if turn is None:
        yield "12", f"series {name} had ended and goes on at {next_at:%X}"
        return
    ended = next_at is None and (process.name.startswith(after["customer_id"]) or _was_closed(store, after))
    if not ended and next_at != next(iter(known[known.index(turn) + 1 :]), None):
        yield "12", f"series {name} went from its turn at {turn:%X} to {next_at}"
    yield from _accounted(store, before, after, process)


def _accounted(store: Store, before: Document, after: Document, process: Process) -> Iterator[Fault]:
    """A turn that is over was placed, or left out: by its customer, or as the series says."""
    name, turn = after["id"][-6:], before["next_at"]
    placed = [o for o in _orders(store, after["id"]) if o["scheduled_for"] == turn]
    refused = after["skipped"] and after["skipped_at"] == turn
    asked = process.name.startswith(after["customer_id"])
    if after["placed"] != before["placed"] + bool(placed):
        yield "14", f"series {name}: {after['placed']} counted with {len(placed)} for {turn:%X}"
    if not (placed or refused or asked or _was_closed(store, after)):
        yield "22", f"series {name}: its turn at {turn:%X} was forgotten"
    if placed and (refused or asked):
        yield "12", f"series {name}: its turn at {turn:%X} was placed, and left out"


def _order(store: Store, touched: Touched, order: Document, process: Process) -> Iterator[Fault]:
    name, turn = order["id"][-6:], order["scheduled_for"]
    path = f"recurrences/{order['recurrence_id']}"
    series, after = touched.get(path, (None, None))
    if series is None or after is None:
        yield "14", f"order {name} was placed, and its series did not go on with it"
        return
    if series["next_at"] != turn:
        yield "12", f"order {name} is for {turn:%X}, and the next turn was {series['next_at']}"
    if (series["customer_id"], series["merchant_id"]) != (order["customer_id"], order["merchant_id"]):
        yield "12", f"order {name} is not its series' customer's, or of another shop"
    if process.clock() < turn - lapse.AHEAD:
        yield "12", f"order {name} for {turn:%X} was placed long before"
    if [o["scheduled_for"] for o in _orders(store, order["recurrence_id"])].count(turn) > 1:
        yield "14", f"order {name} is not the only one for the turn at {turn:%X}"


def _was_closed(store: Store, series: Document) -> bool:
    """Say whether somebody has closed the customer's account: that ends their series."""
    customer = series["customer_id"]
    deeds = store.of("audit").values()
    return any(deed["action"] == "account_disabled" and deed["subject_id"] == customer for deed in deeds)


def _orders(store: Store, series_id: str) -> list[Document]:
    return [order for order in store.of("orders").values() if order["recurrence_id"] == series_id]
