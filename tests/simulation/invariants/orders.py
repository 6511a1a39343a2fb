"""Orders: only listed steps, a timeline without gaps, and three consistent slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from shared.adapters.firestore.timeline import MAX_OF_TYPE

Document = Mapping[str, Any]
Fault = tuple[str, str]
"""The invariant and what is wrong."""

CARRIED = ("picked_up", "in_transit", "arrived", "failed", "returning")
STEPS = {
    ("scheduled", "placed"),
    ("scheduled", "confirmed"),
    ("scheduled", "cancelled"),
    ("placed", "confirmed"),
    ("confirmed", "preparing"),
    ("preparing", "ready"),
    ("ready", "picked_up"),
    ("picked_up", "in_transit"),
    ("in_transit", "arrived"),
    ("in_transit", "delivered"),
    ("arrived", "delivered"),
    ("placed", "cancelled"),
    ("confirmed", "cancelled"),
    ("preparing", "cancelled"),
    ("ready", "cancelled"),
    ("picked_up", "failed"),
    ("in_transit", "failed"),
    ("arrived", "failed"),
    ("failed", "in_transit"),
    ("failed", "returning"),
    ("returning", "returned"),
    *((carried, end) for carried in CARRIED for end in ("ready", "cancelled")),
    *((carried, "returning") for carried in CARRIED if carried != "returning"),
}
PAYMENT = {
    ("none", "pending"),
    ("none", "failed"),
    ("none", "captured"),
    ("pending", "captured"),
    ("pending", "failed"),
    ("failed", "pending"),
    ("failed", "captured"),
    ("captured", "partly_refunded"),
    ("captured", "refunded"),
    ("partly_refunded", "refunded"),
}
ASSIGNMENT = {
    ("none", "offered"),
    ("none", "searching"),
    ("none", "unassignable"),
    ("searching", "offered"),
    ("searching", "unassignable"),
    ("searching", "none"),
    ("offered", "searching"),
    ("offered", "assigned"),
    ("offered", "none"),
    ("assigned", "none"),
    ("assigned", "searching"),
    ("unassignable", "none"),
    ("unassignable", "searching"),
    ("unassignable", "offered"),
}
FIXED = (
    "id",
    "customer_id",
    "merchant_id",
    "quote_id",
    "menu_version",
    "placed_at",
    "scheduled_for",
    "recurrence_id",
)
BEFORE_PAYMENT = {"scheduled", "placed", "cancelled"}
RESTOCKABLE = {"scheduled", "placed", "confirmed"}
"""The states in which a cancellation returns the goods of a meal to the stock."""
WITH_A_DRIVER = {"picked_up", "in_transit", "arrived", "delivered", "failed", "returning", "returned"}
UNDELIVERED = {"cancelled", "returned"}
ENDED = UNDELIVERED | {"delivered"}
ROLES = {"customer", "merchant", "driver", "support", "admin", "system", "gateway"}
ASSIGNMENT_FIELDS = {"state", "driver_id", "since", "has_active_work", "check_at", "escalated_at"}
"""What the parties of an order read of its assignment."""


def faults(before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with an order in itself."""
    name = after["id"][-6:]
    yield from timeline_faults(name, before, after)
    yield from _money(name, before, after)
    yield from _shown(name, after)
    if before is not None:
        yield from _changed(name, before, after)
    elif after["fulfilment"] != ("scheduled" if after["scheduled_for"] else "placed"):
        yield "12", f"order {name} starts as {after['fulfilment']}, scheduled for {after['scheduled_for']}"


def _shown(name: str, after: Document) -> Iterator[Fault]:
    """Yield what the parties of an order could read in its document and should not."""
    ended = after["fulfilment"] in ENDED
    if ended and (after["dropoff"]["address"] or after["note"]):
        yield "shown", f"order {name} has ended {after['fulfilment']} and shows its address"
    if not ended and not after["dropoff"]["address"]:
        yield "shown", f"order {name} is {after['fulfilment']} and hides its address"
    named = {entry["actor"] for entry in after["timeline"]} - ROLES
    if named:
        yield "shown", f"the timeline of order {name} names {sorted(named)}"
    if set(after["assignment"]) - ASSIGNMENT_FIELDS:
        yield "shown", f"order {name} shows its search: {sorted(after['assignment'])}"


def _changed(name: str, before: Document, after: Document) -> Iterator[Fault]:
    for slice_, old, new, allowed in _machines(before, after):
        if old != new and (old, new) not in allowed:
            yield "12", f"order {name}: {slice_} went from {old} to {new}"
    if before["fulfilment"] == "cancelled" and after["assignment"]["state"] not in (
        "none",
        old_state(before),
    ):
        yield "10", f"order {name} was cancelled and became {after['assignment']['state']}"
    if before["fulfilment"] in RESTOCKABLE and after["fulfilment"] == "cancelled" and after["reserved"]:
        yield "18", f"order {name} was cancelled and holds {after['reserved']}"
    for field in FIXED:
        if before[field] != after[field]:
            yield "19", f"order {name}: {field} changed"


def search_faults(path: str, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield where the counters of an order's search went back: they name offers and tasks."""
    for counter in ("attempt", "search_attempt"):
        if before is not None and after[counter] < before[counter]:
            yield "9", f"{path}: {counter} went back"


def old_state(order: Document) -> str:
    """Return the state of an order's assignment."""
    return str(order["assignment"]["state"])


def _machines(before: Document, after: Document) -> Iterator[tuple[str, str, str, set[tuple[str, str]]]]:
    yield "fulfilment", before["fulfilment"], after["fulfilment"], STEPS
    yield "payment", before["payment"]["state"], after["payment"]["state"], PAYMENT
    yield "assignment", before["assignment"]["state"], after["assignment"]["state"], ASSIGNMENT


def timeline_faults(name: str, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with the history of an order or a tip."""
    entries = after["timeline"]
    known = before["timeline"] if before else []
    fresh = new_entries(before, after)
    if [entry["seq"] for entry in fresh] != list(range(last_seq(before) + 1, last_seq(after) + 1)):
        yield "13", f"order {name}: the timeline has gaps"
    counts = Counter(entry["type"] for entry in entries)
    if max(counts.values(), default=0) > MAX_OF_TYPE:
        yield "13", f"order {name}: the timeline has {counts.most_common(1)}"
    if len({entry["event_id"] for entry in entries}) != len(entries):
        yield "14", f"order {name}: an event is twice in the timeline"
    kept = [entry for entry in known if entry in entries or counts[entry["type"]] < MAX_OF_TYPE]
    if entries != [*kept, *fresh]:
        yield "13", f"order {name}: the timeline's past changed"
    if after["version"] != last_seq(after):
        yield "13", f"order {name}: version {after['version']} after the entry {last_seq(after)}"


def last_seq(document: Document | None) -> int:
    """Return the number of the latest event of an order or a tip; 0 for a new one."""
    return int(document["timeline"][-1]["seq"]) if document and document["timeline"] else 0


def new_entries(before: Document | None, after: Document) -> list[Document]:
    """Return the entries that a commit appended to a timeline."""
    return [entry for entry in after["timeline"] if entry["seq"] > last_seq(before)]


def _money(name: str, before: Document | None, after: Document) -> Iterator[Fault]:
    payment, total = after["payment"], after["amounts"]["total"]
    if payment["captured"] not in (0, total + after["refund_due"]):
        yield "19", f"order {name}: {payment['captured']} captured of a price of {total}"
    if not 0 <= payment["refunded"] <= payment["captured"]:
        yield "4", f"order {name}: {payment['refunded']} refunded of {payment['captured']}"
    if not 0 <= after["cancellation_fee"] <= total:
        yield "4", f"order {name}: {after['cancellation_fee']} retained of a price of {total}"
    if after["fulfilment"] not in BEFORE_PAYMENT and not payment["captured"]:
        yield "12", f"order {name}: {after['fulfilment']} unpaid"
    if before is None:
        return
    old = before["payment"]
    if payment["captured"] < old["captured"] or payment["refunded"] < old["refunded"]:
        yield "7", f"order {name}: its payment went back"
    if old["captured"] and payment["payment_id"] != old["payment_id"]:
        yield "1", f"order {name}: paid by {old['payment_id']}, then by {payment['payment_id']}"
    if payment["refunded"] > after["refund_due"] and after["fulfilment"] not in UNDELIVERED:
        yield "4", f"order {name}: {payment['refunded']} refunded though {after['fulfilment']}"
