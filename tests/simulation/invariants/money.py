"""Invariants of payments, refunds and the gateway's records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.payments.domain import LINK_LIFETIME, ChargeState
from tests.fakes.payments import Bill, FakeGateway
from tests.simulation.invariants.orders import UNDELIVERED, Document, Fault
from tests.simulation.ports.database import Store

PAYMENT = {
    ("pending", "failed"),
    ("pending", "captured"),
    ("failed", "captured"),
    ("captured", "refunding"),
    ("refunding", "refunded"),
    ("refunding", "partly_refunded"),
    ("partly_refunded", "refunding"),
    ("refunding", "refunding"),
}
REFUND = {("pending", "processed"), ("pending", "failed")}
FIXED = ("id", "subject_ref", "customer_id", "amount", "attempt", "created_at")
SKEW = timedelta(minutes=1)


def payment_faults(
    store: Store, gateway: FakeGateway, before: Document | None, after: Document
) -> Iterator[Fault]:
    """Yield the faults of one attempt to pay."""
    name, amount = after["id"][-6:], after["amount"]["amount"]
    yield from _sums(store, after)
    if after["captured"] not in (0, amount):
        yield "19", f"payment {name}: {after['captured']} captured of {amount}"
    if not after["original_payment_id"] and amount != _price(paid_for(store, after)):
        yield "19", f"payment {name} asks for another sum than the price"
    bill = gateway.bills.get(after["gateway_payment_id"])
    if after["captured"] and (bill is None or bill.charge.state is not ChargeState.CAPTURED):
        yield "7", f"payment {name} is captured here and not at the gateway"
    elif bill and after["captured"] not in (0, bill.charge.amount.amount):
        yield "7", f"payment {name}: {after['captured']} captured here, {bill.charge.amount} at the gateway"
    if before is None:
        return
    if before["state"] != after["state"] and (before["state"], after["state"]) not in PAYMENT:
        yield "7", f"payment {name} went from {before['state']} to {after['state']}"
    if any(before[field] != after[field] for field in FIXED):
        yield "7", f"payment {name} is not the same any more"
    if after["captured"] < before["captured"] or after["refunded"] < before["refunded"]:
        yield "7", f"payment {name} went back"


def refund_faults(store: Store, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield the faults of one refund, and of all refunds of its payment together."""
    name = after["id"][-6:]
    old, new = before["state"] if before else "pending", after["state"]
    if old != new and (old, new) not in REFUND:
        yield "12", f"refund {name} went from {old} to {new}"
    payment = store.of("payments")[after["payment_id"]]
    if payment["subject_ref"] != after["subject_ref"]:
        yield "4", f"refund {name} is of another order's payment"
    yield from _sums(store, payment)


def _sums(store: Store, payment: Document) -> Iterator[Fault]:
    name, captured = payment["id"][-6:], payment["captured"]
    own = [r for r in store.of("refunds").values() if r["payment_id"] == payment["id"]]
    pending = sum(r["amount"]["amount"] for r in own if r["state"] == "pending")
    processed = sum(r["amount"]["amount"] for r in own if r["state"] == "processed")
    if pending + processed > captured:
        yield "4", f"payment {name}: refunds of {pending} + {processed} of {captured} captured"
    if (pending, processed) != (payment["refunding"], payment["refunded"]):
        yield (
            "4",
            f"payment {name} says {payment['refunding']} + {payment['refunded']}, its refunds otherwise",
        )
    order = paid_for(store, payment)
    if pending + processed > captured - retained_of(order, payment):
        yield (
            "4",
            f"payment {name}: {pending} + {processed} refunded, {retained_of(order, payment)} retained",
        )


def paid_for(store: Store, payment: Document) -> Document:
    """Return the order or the tip of a payment."""
    ref = payment["subject_ref"]
    return store.of(f"{ref['kind']}s")[ref["id"]]


def retained_of(order: Document, payment: Document) -> int:
    """Return how much of a payment is retained: the price while the order runs, the fee once it has ended
    undelivered."""
    if order["payment"]["payment_id"] != payment["id"]:
        return 0
    retained = order["cancellation_fee"] if order["fulfilment"] in UNDELIVERED else order["amounts"]["total"]
    return min(int(retained), int(payment["captured"]))


def _price(thing: Document) -> int:
    """Return the requested price of an order or a tip, before items turned out to be unavailable."""
    return int(thing["amounts"]["total"]) + int(thing.get("refund_due", 0))


@dataclass(frozen=True, slots=True)
class Known:
    """When the link of a bill was created, and when our payment recorded its capture."""

    made: float
    recorded: float | None = None


def bill_faults(
    gateway: FakeGateway, bill: Bill, known: Mapping[str, Known], asked: float, now: float
) -> Iterator[Fault]:
    """Yield what is wrong with a new bill that a process began to request at `asked`.

    No two links of one order may take money side by side, nor may a paid order get another link.
    """
    lifetime = (LINK_LIFETIME - SKEW).total_seconds()
    name = f"{bill.request.subject_ref.kind} {bill.request.subject_ref.id[-6:]}"
    for other in gateway.bills.values():
        if other is bill or other.request.subject_ref != bill.request.subject_ref:
            continue
        seen = known[other.request.payment_id]
        waiting = other.charge.state in (ChargeState.CREATED, ChargeState.AUTHORISED)
        if waiting and now - seen.made < lifetime:
            yield (
                "1",
                f"a second link for order {bill.request.subject_ref.id[-6:]} while the first can be paid",
            )
        if seen.recorded is not None and seen.recorded < asked:
            yield "1", f"a link for {name}, which is paid"
