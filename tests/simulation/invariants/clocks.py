"""Stored times: a process stores the time of its own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation import short_calendar
from tests.simulation.invariants.orders import Document, Fault, last_seq
from tests.simulation.process import Process, true_time

MOST_APART = timedelta(minutes=1)


def timeline_faults(process: Process, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield the new entries outside the process's lifetime, or before the earlier entries.

    Two clocks differ by at most a minute: a timeline may go back that far, and as long as the process
    has run since it read its clock.
    """
    name = after["id"][-6:]
    age = true_time() + process.skew - process.started
    for earlier, entry in zip([None, *after["timeline"]], after["timeline"], strict=False):
        if entry["seq"] <= last_seq(before):
            continue
        if not process.started <= entry["at"] <= process.clock():
            yield "24", f"order {name}: {entry['type']} at {entry['at']:%X}, outside its process's lifetime"
        if earlier and entry["at"] < earlier["at"] - MOST_APART - age:
            yield "24", f"order {name}: {entry['type']} is long before {earlier['type']}"


def begin_faults(process: Process, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield where a scheduled order is activated unpaid, before its time, or as if it had been confirmed."""
    activated = after["fulfilment"] in ("placed", "confirmed")
    if before is None or before["fulfilment"] != "scheduled" or not activated:
        return
    name, begins = after["id"][-6:], begins_at(after)
    if (after["fulfilment"] == "confirmed") != bool(before["confirmed_ahead_at"]):
        yield "12", f"order {name} is {after['fulfilment']}, confirmed ahead {before['confirmed_ahead_at']}"
    if not after["payment"]["captured"]:
        yield "12", f"order {name} is activated unpaid"
    if process.clock() < begins:
        yield "12", f"order {name} for {after['scheduled_for']:%X} is activated before {begins:%X}"


def begins_at(order: Document) -> datetime:
    """Return when a scheduled order is activated."""
    scheduled_for: datetime = order["scheduled_for"]
    return scheduled_for - timedelta(minutes=order["eta_minutes"]) - short_calendar.SLACK
