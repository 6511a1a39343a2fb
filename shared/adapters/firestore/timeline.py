"""The timeline of an order or a tip: its events, numbered, in its document.

Some events have no end of their own: offers, attempts to pay, a driver who falls silent again and again. So
of each type the latest entries are kept, and the document stays within its limit whatever happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.adapters.firestore.codec import Create, DocumentWrite, Update
from shared.adapters.firestore.database import Snapshot
from shared.kernel.event import OrderEvent
from shared.kernel.subject import ChargeKind, SubjectRef

MAX_OF_TYPE = 20
"""How many entries of one type a timeline keeps: the latest."""

COLLECTIONS = {ChargeKind.ORDER: "orders", ChargeKind.TIP: "tips"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a timeline; `seq` counts all events from 1, kept or not; `actor` is a role."""

    seq: int
    event_id: str
    type: str
    at: datetime
    actor: str


def with_timeline(
    docs: Mapping[str, Snapshot], writes: Sequence[DocumentWrite], events: Sequence[Any]
) -> list[DocumentWrite]:
    """Return `writes` with the events of an order or a tip appended to its write.

    An event about an order that was neither read nor written is a programming error.
    """
    about: dict[str, list[OrderEvent]] = {}
    for event in events:
        if isinstance(event, OrderEvent):
            about.setdefault(_path(event.timeline), []).append(event)
    by_path = {write.path: write for write in writes}
    for path, appended in about.items():
        by_path[path] = _appended(path, docs, by_path.get(path), appended)
    return list(by_path.values())


def _path(subject: SubjectRef) -> str:
    return f"{COLLECTIONS[subject.kind]}/{subject.id}"


def _appended(
    path: str, docs: Mapping[str, Snapshot], write: DocumentWrite | None, events: list[OrderEvent]
) -> Create | Update:
    stored = docs[path].data if path in docs else None
    known: list[Mapping[str, Any]] = list((stored or {}).get("timeline", []))
    known_ids = {entry["event_id"] for entry in known}
    last = int(known[-1]["seq"]) if known else 0
    new = [event for event in events if event.id not in known_ids]
    entries = [
        {
            "seq": last + n,
            "event_id": e.id,
            "type": e.name(),
            "at": e.at,
            "actor": _actor(e, stored, write),
        }
        for n, e in enumerate(new, start=1)
    ]
    grown = [*known, *entries]  # mutant: timeline-forgets
    fields: dict[str, Any] = {"timeline": _latest(grown), "version": last + len(entries)}
    if new:
        fields["updated_at"] = max(event.at for event in new)
    if isinstance(write, Create):
        return Create(path, {**write.data, **fields})
    if stored is None:
        raise LookupError(f"an event about {path}, which the decision did not read")
    return Update(path, {**(write.data if isinstance(write, Update) else {}), **fields})


def _latest(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the entries without those that have `MAX_OF_TYPE` later ones of their type."""
    later: Counter[str] = Counter()
    kept = []
    for entry in reversed(entries):
        if later[entry["type"]] < MAX_OF_TYPE:
            kept.append(entry)
        later[entry["type"]] += 1
    return kept[::-1]


def _actor(event: OrderEvent, stored: Mapping[str, Any] | None, write: DocumentWrite | None) -> str:
    """Return the role that caused the event, from the parties in the order or tip before the change."""
    order = stored or (write.data if isinstance(write, Create) else {})
    driver = order.get("driver_id") or (order.get("assignment") or {}).get("driver_id")
    return event.shown_actor(str(order.get("customer_id", "")), driver)  # mutant: timeline-names
