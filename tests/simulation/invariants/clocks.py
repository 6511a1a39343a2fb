"""Time as it is written down: no process writes another time than its own clock has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.process import Process, true_time

MOST_APART = timedelta(minutes=1)


def timeline_faults(process: Process, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield the fresh entries that lie outside the process's life, or before what was there already.

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
