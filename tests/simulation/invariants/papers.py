"""Papers: only listed steps, judged once, and nobody drives or sells by one that is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.adapters.firestore.licences import OF_DRIVERS
from shared.kernel.event import event_id
from shared.orders.businesses import POLICIES
from shared.verification.domain import FOR_EVER, TRANSITIONS
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import Store

LEGAL = {(move.source.value, move.target.value) for move in TRANSITIONS}
WAITING = ("awaiting_upload", "submitted")
SWEPT_WITHIN = timedelta(minutes=5)
"""The sweep comes every two minutes, and now and then not at all."""


def document_faults(
    store: Store, before: Document | None, after: Document | None, decided_at: datetime
) -> Iterator[Fault]:
    """Yield what is wrong with a change of a document by a process that began when its clock said so."""
    document = after or before or {}
    name, subject = document["id"][-6:], document["subject_id"]
    yield from _filed(store, subject)
    if before is None:
        return
    if after is None:
        if before["state"] != "abandoned":
            yield "paper", f"document {name}, {before['state']}, was dropped"
        return
    step = (before["state"], after["state"])
    if step[0] != step[1] and step not in LEGAL:
        yield "paper", f"document {name} went from {step[0]} to {step[1]}"
    if step[0] == step[1] and before["reviewed_at"] != after["reviewed_at"]:
        yield "paper", f"document {name}, {step[0]}, was judged once more"
    if step[1] == "submitted" and not after["sha256"]:
        yield "paper", f"document {name} was handed in without its file"
    until = after["valid_until"]
    if step[0] != step[1] == "approved" and until and decided_at >= until:
        yield "paper", f"document {name} was approved after its end"
    if step[0] != step[1] == "expired" and not (until and decided_at >= until):
        yield "paper", f"document {name} ended before its end"


def _filed(store: Store, subject: str) -> Iterator[Fault]:
    """A subject's papers say what its documents say."""
    own = [d for d in store.of("documents").values() if d["subject_id"] == subject]
    papers = store.of("papers").get(subject, {"pending": (), "approved": ()})
    waiting = sorted(d["id"] for d in own if d["state"] in WAITING)
    approved = sorted((d["id"], d["kind"], d["valid_until"]) for d in own if d["state"] == "approved")
    held = sorted((p["document_id"], p["kind"], p["valid_until"]) for p in papers["approved"])
    if sorted(papers["pending"]) != waiting or held != approved:
        yield "paper", f"{subject} has {len(approved)} approved papers, and {len(held)} are filed, or others"


def driving_faults(store: Store, offer: Document, decided_at: datetime) -> Iterator[Fault]:
    """Yield where a driver without good papers, by their record, is asked or gets an order."""
    until = store.of("drivers")[offer["driver_id"]].get("documents_valid_until")
    if until is None or until <= decided_at:
        yield "paper", f"{offer['driver_id']} is {offer['state']} with papers until {until}"


def selling_faults(before: Document | None, after: Document, decided_at: datetime) -> Iterator[Fault]:
    """Yield where a shop opens without a good licence."""
    opens = after["open"] and not (before or {}).get("open")
    until = after.get("licence_until")
    if opens and (until is None or until <= decided_at):
        yield "paper", f"{after['name']} opens with a licence until {until}"


def settled_faults(store: Store, bus: SimulatedBus, now: datetime) -> Iterator[Fault]:
    """Yield who drives or sells by papers that they have no more, though the news of it has arrived."""
    for uid, driver in store.of("drivers").items():
        if driver["status"] == "online":
            ends = [_end(store, uid, {kind.value for kind in kinds}) for kinds in OF_DRIVERS]
            yield from _compared(store, bus, uid, driver["documents_valid_until"], ends, "dispatch_events")
    for name, shop in store.of("merchants").items():
        if shop["open"]:
            kinds = {licence.value for licence in POLICIES[shop["business"]].licences}
            ends = [_end(store, name, kinds)]
            yield from _compared(store, bus, name, shop["licence_until"], ends, "catalogue_events")
    for document in store.of("documents").values():
        overdue = document["due_at"] is not None and document["due_at"] + SWEPT_WITHIN <= now
        if overdue or document["state"] == "submitted":
            yield "22", f"document {document['id'][-6:]} is {document['state']}, due at {document['due_at']}"


def _compared(
    store: Store,
    bus: SimulatedBus,
    subject: str,
    recorded: datetime | None,
    ends: list[datetime | None],
    told: str,
) -> Iterator[Fault]:
    good = None not in ends and recorded == min(end for end in ends if end)
    if not good and not _news_lost(store, bus, subject, told):
        yield "paper", f"{subject} goes on by papers until {recorded}, and they end {ends}"


def _end(store: Store, subject: str, kinds: set[str]) -> datetime | None:
    """Return when the last of some approved papers ends; None where there is none."""
    papers = store.of("papers").get(subject, {"approved": ()})
    ends = [p["valid_until"] or FOR_EVER for p in papers["approved"] if p["kind"] in kinds]
    return max(ends, default=None)


def _news_lost(store: Store, bus: SimulatedBus, subject: str, function: str) -> bool:
    """Say whether some news of a subject's papers lies in a function's dead letters."""
    own = [d["id"] for d in store.of("documents").values() if d["subject_id"] == subject]
    names = {event_id(id_, f"document_{word}") for id_ in own for word in ("approved", "rejected", "expired")}
    return any(to == function and message.id in names for to, message in bus.dead_letters)
