"""Liveness: how soon things happen once the faults have ended. Checked every few seconds from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tests.fakes.payments import FakeGateway
from tests.simulation.invariants.clocks import begins_at
from tests.simulation.invariants.messages import Messages
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store
from tests.simulation.process import EPOCH

CHECKED_EVERY_S = 5.0
PUBLISHED_WITHIN_S, ENDED_WITHIN_S, POLLED_WITHIN_S, ACTIVATED_WITHIN_S = 60.0, 60.0, 300.0, 90.0
SKEW_S = 30.0
"""How much later something is due that a process with a fast clock has written."""


def late(
    store: Store,
    gateway: FakeGateway,
    captured_at: Mapping[str, float],
    messages: Messages,
    calm_since: float,
    now: float,
) -> Iterator[Fault]:
    """Yield every event, offer, scheduled order and payment that waits longer than it may."""
    for name in store.of("outbox"):
        if now - max(messages.committed[name], calm_since + SKEW_S) > PUBLISHED_WITHIN_S:
            yield "13", f"an event is in the outbox for more than {PUBLISHED_WITHIN_S:.0f} s: {name}"
    for offer in store.of("offers").values():
        due = _seconds(offer["expires_at"])
        if offer["state"] == "open" and now - max(due, calm_since) > ENDED_WITHIN_S + SKEW_S:
            yield "11", f"offer {offer['id'][-8:]} is open long after its expiry"
    for order in store.of("orders").values():
        if order["fulfilment"] == "scheduled" and order["payment"]["captured"]:
            since = max(_seconds(begins_at(order)), _paid_at(order), calm_since)
            if now - since > ACTIVATED_WITHIN_S + SKEW_S:
                yield "22", f"order {order['id'][-6:]} is scheduled and paid, and is not activated"
    for name, since in captured_at.items():
        payment = store.of("payments").get(gateway.bills[name].request.payment_id)
        unknown = payment is None or not (payment["captured"] or name in payment["unmatched_charge_ids"])
        if unknown and now - max(since, calm_since) > POLLED_WITHIN_S:
            yield "8", f"{name} was paid {now - since:.0f} s ago, and no payment shows it"


def _paid_at(order: Document) -> float:
    return max(_seconds(entry["at"]) for entry in order["timeline"] if entry["type"] == "payment_captured")


def _seconds(moment: datetime) -> float:
    return (moment - EPOCH) / timedelta(seconds=1)
