"""Tips after delivery: for who delivered, at most five, paid once each."""

from __future__ import annotations

from collections.abc import Iterator

from shared.orders.tips.domain import MAX_TIPS
from tests.simulation.invariants.orders import PAYMENT, Document, Fault, timeline_faults
from tests.simulation.ports.database import Store

FIXED = ("id", "order_id", "customer_id", "driver_id", "amounts", "created_at")
IDLE = ("none", "failed")
TIP_PAYMENT = {(old, new) for old, new in PAYMENT if "refunded" not in new}
"""A tip is never refunded: only duplicates are, and they are never in its slice."""


def faults(store: Store, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with a tip."""
    name, payment = after["id"][-6:], after["payment"]
    yield from timeline_faults(name, before, after)
    if payment["captured"] not in (0, after["amounts"]["total"]) or payment["refunded"]:
        yield "19", f"tip {name} of {after['amounts']['total']}: {payment}"
    if before is None:
        yield from _given(store, after)
        return
    old = before["payment"]
    if old["state"] != payment["state"] and (old["state"], payment["state"]) not in TIP_PAYMENT:
        yield "12", f"tip {name}: payment went from {old['state']} to {payment['state']}"
    if old["captured"] and payment["payment_id"] != old["payment_id"]:
        yield "1", f"tip {name}: paid by {old['payment_id']}, then by {payment['payment_id']}"
    if any(before[field] != after[field] for field in FIXED):
        yield "19", f"tip {name} is not the same any more"
    step = before["fulfilment"], after["fulfilment"]
    if step[0] != step[1] and (step != ("placed", "failed") or old["state"] not in IDLE):
        yield "12", f"tip {name} went from {step[0]} to {step[1]} while it was {old['state']}"


def _given(store: Store, tip: Document) -> Iterator[Fault]:
    name, order = tip["id"][-6:], store.of("orders")[tip["order_id"]]
    if order["fulfilment"] != "delivered":
        yield "12", f"tip {name} for an order that is {order['fulfilment']}"
    if (tip["customer_id"], tip["driver_id"]) != (order["customer_id"], order["assignment"]["driver_id"]):
        yield "12", f"tip {name} is not from its customer to its driver"
    others = [other for other in store.of("tips").values() if other["order_id"] == tip["order_id"]]
    given = [other for other in others if other["fulfilment"] == "placed" or other["payment"]["captured"]]
    if len(given) > MAX_TIPS:
        yield "12", f"{len(given)} tips for order {tip['order_id'][-6:]}"
