"""Substitutions: a customer never pays more because of one, and none stays open."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.invariants.orders import Document, Fault

TRANSITIONS = {("open", "accepted"), ("open", "declined"), ("open", "withdrawn")}
SUBSTITUTABLE = {"confirmed", "preparing"}


def faults(before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield the faults of an order that its substitutions caused."""
    name, amounts = after["id"][-6:], after["amounts"]
    parts = sum(amounts[part] for part in ("delivery_fee", "small_order_fee", "tax", "tip"))
    lines = sum(line["total"] for line in after["items"])
    if amounts["items"] != lines or amounts["total"] != lines + parts - amounts["discount"]:
        yield "19", f"order {name}: {amounts} for lines of {lines}"
    yield from _substitutions(after)
    if before is None:
        return
    if amounts["total"] + after["refund_due"] != before["amounts"]["total"] + before["refund_due"]:
        yield "19", f"order {name}: its price fell and the difference is not due as a refund"
    if after["refund_due"] < before["refund_due"]:
        yield "4", f"order {name}: a refund of {before['refund_due']} was due, now {after['refund_due']}"
    if before["items"] != after["items"] and before["substitutions"] == after["substitutions"]:
        yield "19", f"order {name}: its lines changed without a substitution"
    states = {one["id"]: one["state"] for one in after["substitutions"]}
    for one in before["substitutions"]:
        new = states.get(one["id"])
        if new != one["state"] and (one["state"], new) not in TRANSITIONS:
            yield "12", f"order {name}: a substitution went from {one['state']} to {new}"


def _substitutions(after: Document) -> Iterator[Fault]:
    name = after["id"][-6:]
    for one in after["substitutions"]:
        if one["replacement"]["total"] > one["line"]["total"]:
            yield "19", f"order {name}: a replacement costs more than the original line"
        if one["state"] == "open" and after["fulfilment"] not in SUBSTITUTABLE:
            yield "12", f"order {name} is {after['fulfilment']} with an open substitution"
