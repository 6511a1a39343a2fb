"""Verification documents: legal transitions only, one review each, and no work with an expired one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.kernel.event import event_id
from shared.kernel.order import Business
from shared.kernel.vehicle import Vehicle
from shared.orders.businesses import POLICIES
from shared.verification.domain import NO_EXPIRY, TRANSITIONS
from shared.verification.requirements import RequirementPolicy
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import Store

LEGAL = {(move.source.value, move.target.value) for move in TRANSITIONS}
POLICY = RequirementPolicy()
WAITING = ("awaiting_upload", "submitted")
SWEPT_WITHIN = timedelta(minutes=5)
"""The sweep comes every two minutes, and now and then not at all."""


def document_faults(
    store: Store, before: Document | None, after: Document | None, decided_at: datetime
) -> Iterator[Fault]:
    """Yield what is wrong with a change of a document by a process that began when its clock said so."""
    document = after or before or {}
    name, subject = document["id"][-6:], document["subject_id"]
    yield from _record_faults(store, subject)
    if before is None:
        return
    if after is None:
        if before["state"] != "abandoned":
            yield "verification", f"document {name}, {before['state']}, was deleted"
        return
    step = (before["state"], after["state"])
    if step[0] != step[1] and step not in LEGAL:
        yield "verification", f"document {name} went from {step[0]} to {step[1]}"
    if step[0] == step[1] and before["reviewed_at"] != after["reviewed_at"]:
        yield "verification", f"document {name}, {step[0]}, was reviewed twice"
    if step[1] == "submitted" and not after["sha256"]:
        yield "verification", f"document {name} was submitted without its file"
    until = after["valid_until"]
    if step[0] != step[1] == "approved" and until and decided_at >= until:
        yield "verification", f"document {name} was approved after its expiry"
    if step[0] != step[1] == "expired" and not (until and decided_at >= until):
        yield "verification", f"document {name} expired before its expiry"


def _record_faults(store: Store, subject: str) -> Iterator[Fault]:
    """Yield where a subject's record differs from its documents."""
    own = [d for d in store.of("verification_documents").values() if d["subject_id"] == subject]
    record = store.of("verification_records").get(subject, {"pending": (), "approved": ()})
    waiting = sorted(d["id"] for d in own if d["state"] in WAITING)
    approved = sorted((d["id"], d["kind"], d["valid_until"]) for d in own if d["state"] == "approved")
    recorded = sorted((p["document_id"], p["kind"], p["valid_until"]) for p in record["approved"])
    if sorted(record["pending"]) != waiting or recorded != approved:
        yield (
            "verification",
            f"{subject} has {len(approved)} approved documents, and the record has {len(recorded)} or others",
        )


def driving_faults(store: Store, offer: Document, decided_at: datetime) -> Iterator[Fault]:
    """Yield where a driver without valid documents gets an offer or an order."""
    until = store.of("drivers")[offer["driver_id"]].get("documents_valid_until")
    if until is None or until <= decided_at:
        yield "verification", f"{offer['driver_id']} is {offer['state']} with documents until {until}"


def selling_faults(before: Document | None, after: Document, decided_at: datetime) -> Iterator[Fault]:
    """Yield where a merchant opens without a licence that its business needs."""
    business = Business(after["business"])
    needed = POLICY.of_merchant(business, POLICIES[business].licences)
    opens = after["open"] and not (before or {}).get("open")
    until = after.get("licence_until")
    if needed and opens and (until is None or until <= decided_at):
        yield "verification", f"{after['name']} opens with a licence until {until}"


def settled_faults(store: Store, bus: SimulatedBus, now: datetime) -> Iterator[Fault]:
    """Yield the drivers and merchants that work without valid documents although the event has arrived."""
    for uid, driver in store.of("drivers").items():
        if driver["status"] == "online":
            required = POLICY.of_driver(Vehicle(driver["vehicle"]))
            ends = [_end(store, uid, {kind.value for kind in kinds}) for kinds in required]
            yield from _compared(store, bus, uid, driver["documents_valid_until"], ends, "dispatch_events")
    for name, shop in store.of("merchants").items():
        if shop["open"]:
            business = Business(shop["business"])
            needed = POLICY.of_merchant(business, POLICIES[business].licences)
            ends = [_end(store, name, {kind.value for kind in kinds}) for kinds in needed]
            yield from _compared(store, bus, name, shop["licence_until"], ends, "catalogue_events")
    for document in store.of("verification_documents").values():
        overdue = document["due_at"] is not None and document["due_at"] + SWEPT_WITHIN <= now
        if overdue or document["state"] == "submitted":
            yield "22", f"document {document['id'][-6:]} is {document['state']}, due at {document['due_at']}"


def _compared(
    store: Store,
    bus: SimulatedBus,
    subject: str,
    recorded: datetime | None,
    ends: list[datetime | None],
    function: str,
) -> Iterator[Fault]:
    known = [end for end in ends if end]
    current = len(known) == len(ends) and recorded == min(known, default=None)
    if not current and not _event_lost(store, bus, subject, function):
        yield "verification", f"{subject} works with documents until {recorded}, and they expire {ends}"


def _end(store: Store, subject: str, kinds: set[str]) -> datetime | None:
    """Return the last expiry of the approved documents of some kinds; None without any."""
    record = store.of("verification_records").get(subject, {"approved": ()})
    ends = [p["valid_until"] or NO_EXPIRY for p in record["approved"] if p["kind"] in kinds]
    return max(ends, default=None)


def _event_lost(store: Store, bus: SimulatedBus, subject: str, function: str) -> bool:
    """Say whether an event about a subject's documents is among a function's dead letters."""
    own = [d["id"] for d in store.of("verification_documents").values() if d["subject_id"] == subject]
    names = {event_id(id_, f"document_{word}") for id_ in own for word in ("approved", "rejected", "expired")}
    return any(to == function and message.id in names for to, message in bus.dead_letters)
