"""Something else instead of what a shop lacks: no customer pays more for it, and no offer is left open."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.invariants.orders import Document, Fault

STATES = {("open", "accepted"), ("open", "declined"), ("open", "withdrawn")}
KITCHEN = {"confirmed", "preparing"}


def faults(before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with what an order has become by what was offered instead."""
    name, amounts = after["id"][-6:], after["amounts"]
    parts = sum(amounts[part] for part in ("delivery_fee", "small_order_fee", "tax", "tip"))
    lines = sum(line["total"] for line in after["items"])
    if amounts["items"] != lines or amounts["total"] != lines + parts - amounts["discount"]:
        yield "19", f"order {name}: {amounts} for lines of {lines}"
    yield from _offers(after)
    if before is None:
        return
    if amounts["total"] + after["owed_back"] != before["amounts"]["total"] + before["owed_back"]:
        yield "19", f"order {name}: its price fell and the difference is not owed"
    if after["owed_back"] < before["owed_back"]:
        yield "4", f"order {name}: {before['owed_back']} were owed back, now {after['owed_back']}"
    if before["items"] != after["items"] and before["substitutions"] == after["substitutions"]:
        yield "19", f"order {name}: its lines changed, and nobody asked"
    states = {one["id"]: one["state"] for one in after["substitutions"]}
    for one in before["substitutions"]:
        new = states.get(one["id"])
        if new != one["state"] and (one["state"], new) not in STATES:
            yield "12", f"order {name}: an offer went from {one['state']} to {new}"


def _offers(after: Document) -> Iterator[Fault]:
    name = after["id"][-6:]
    for one in after["substitutions"]:
        if one["instead"]["total"] > one["line"]["total"]:
            yield "19", f"order {name}: a substitute costs more than what was ordered"
        if one["state"] == "open" and after["fulfilment"] not in KITCHEN:
            yield "12", f"order {name} is {after['fulfilment']} with an open offer"
