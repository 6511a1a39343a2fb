"""Stored times: a process stores the time of its own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation import short_calendar
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.process import Process, true_time

MOST_APART = timedelta(minutes=1)


def timeline_faults(process: Process, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield the new entries outside the process's life, or before the earlier entries.

    Two clocks are at most a minute apart: only so far may a timeline go back, and as long as the
    process has taken since it looked at its clock.
    """
    name = after["id"][-6:]
    known = before["timeline"] if before else []
    age = true_time() + process.skew - process.started
    for earlier, entry in zip([None, *after["timeline"]], after["timeline"], strict=False):
        if entry["seq"] <= len(known):
            continue
        if not process.started <= entry["at"] <= process.clock():
            yield "24", f"order {name}: {entry['type']} at {entry['at']:%X}, outside its process's life"
        if earlier and entry["at"] < earlier["at"] - MOST_APART - age:
            yield "24", f"order {name}: {entry['type']} lies long before {earlier['type']}"


def begin_faults(process: Process, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield where an order for later comes into the kitchen unpaid, or before its time."""
    if before is None or (before["fulfilment"], after["fulfilment"]) != ("scheduled", "placed"):
        return
    name, begins = after["id"][-6:], begins_at(after)
    if not after["payment"]["captured"]:
        yield "12", f"order {name} for later begins unpaid"
    if process.clock() < begins:
        yield "12", f"order {name} for {after['scheduled_for']:%X} begins before {begins:%X}"


def begins_at(order: Document) -> datetime:
    """Return when the kitchen begins with an order for later."""
    wanted: datetime = order["scheduled_for"]
    return wanted - timedelta(minutes=order["eta_minutes"]) - short_calendar.SLACK
