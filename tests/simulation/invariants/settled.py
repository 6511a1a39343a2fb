"""What must be true once the faults are over and ten minutes have passed: nothing is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.kernel.event import event_id
from shared.kernel.order import Business
from shared.orders.businesses import POLICIES
from shared.payments.domain import ChargeState
from tests.fakes.payments import Bill, FakeGateway
from tests.simulation.invariants import escalations, recurrences, security, verification
from tests.simulation.invariants.clocks import begins_at
from tests.simulation.invariants.messages import Messages
from tests.simulation.invariants.money import paid_for, retained_of
from tests.simulation.invariants.orders import UNDELIVERED, Document, Fault
from tests.simulation.ports.bus import POISON, SimulatedBus
from tests.simulation.ports.database import Store
from tests.simulation.process import true_time
from tests.simulation.scenario import Scenario
from tests.simulation.systems import Systems

ENDED = ("delivered", "cancelled", "returned")
SWEPT_WITHIN = timedelta(minutes=2)


def faults(scenario: Scenario, store: Store, ports: Systems, messages: Messages) -> Iterator[Fault]:
    """Yield everything that is stuck, lost or left over."""
    for order in store.of("orders").values():
        yield from _order(order, _somebody_drives(store, order))
        yield from _carried(store, order)
        yield from escalations.left_over(order)
        yield from _unpaid(order, true_time())
    for offer in store.of("offers").values():
        if offer["state"] == "open":
            yield "22", f"offer {offer['id'][-8:]} is still open"
    for refund in store.of("refunds").values():
        if refund["state"] == "pending":
            yield "22", f"refund {refund['id'][-6:]} is still pending"
    yield from recurrences.left_over(store, true_time())
    yield from _drivers(store)
    yield from _money(store, ports.gateway.inner)
    yield from _outbox(store, messages)
    yield from _dead_letters(ports.bus, scenario.operator)
    yield from _told(store, messages, _lost(ports.bus))
    yield from _reviews(store, _lost(ports.bus))
    yield from security.settled_faults(store, ports.identities.inner.disabled)
    if ports.documents_required:
        yield from verification.settled_faults(store, ports.bus, true_time())


def outcome(order: Document) -> str:
    """Say in a word or two how an order ended."""
    payment = order["payment"]
    if order["fulfilment"] == "cancelled":
        return "cancelled, refunded" if payment["captured"] else "cancelled, unpaid"
    if order["fulfilment"] in ("delivered", "returned"):
        return str(order["fulfilment"])
    return "no driver" if payment["captured"] else "never paid"


def _somebody_drives(store: Store, order: Document) -> bool:
    """Say whether somebody is there who can be asked for an order."""
    search = store.of(f"orders/{order['id']}/private").get("search", {})
    apart = store.of("review_records").get(order["customer_id"], {}).get("not_matched", ())
    out = {*apart, *search.get("former_drivers", ()), *order["replaced_drivers"]}
    return any(d["status"] == "online" and d["id"] not in out for d in store.of("drivers").values())


def _carried(store: Store, order: Document) -> Iterator[Fault]:
    """Yield where an order stays with a driver who cannot bring it, and nobody has to look at it."""
    driver = store.of("drivers").get(order["assignment"]["driver_id"] or "")
    open_ = order["assignment"]["state"] == "assigned" and order["fulfilment"] not in ENDED
    if not open_ or driver is None:
        return
    if driver.get("closed") and not order["assignment"].get("escalated_at"):
        yield "25", f"order {order['id'][-6:]} is with {driver['id']}, whose account is closed"
    if order["next_check_at"] is None:
        yield "22", f"order {order['id'][-6:]} is {order['fulfilment']} and has no timed end"


def _order(order: Document, drivers: bool) -> Iterator[Fault]:
    name, payment, assignment = order["id"][-6:], order["payment"], order["assignment"]
    story = f"order {name}: {order['fulfilment']}, {assignment['state']}, {payment}"
    due = payment["captured"] - min(payment["captured"], order["cancellation_fee"])
    if order["fulfilment"] not in UNDELIVERED:
        due = order["refund_due"]
    if payment["refunded"] != due:
        yield "22", f"{story}: {due} had to go back"
    if order["fulfilment"] == "cancelled":
        if assignment["state"] != "none":
            yield "22", f"{story}: still dispatched"
    elif payment["captured"] and order["fulfilment"] not in ENDED and (drivers or not _searched(order)):
        yield "22", f"{story}: paid and stuck"


def _unpaid(order: Document, now: datetime) -> Iterator[Fault]:
    """Nobody waits for money for ever; for that of a turn until the kitchen would have to begin."""
    if order["fulfilment"] not in ("scheduled", "placed") or order["payment"]["captured"]:
        return
    due = order["placed_at"] + POLICIES[Business.FOOD].timeouts.unpaid
    if order["recurrence_id"]:
        due = max(due, begins_at(order))
    if now > due + SWEPT_WITHIN:
        yield "22", f"order {order['id'][-6:]} is {order['fulfilment']}, unpaid since {order['placed_at']:%X}"


def _searched(order: Document) -> bool:
    return order["fulfilment"] == "ready" and order["assignment"]["state"] in ("searching", "unassignable")


def _drivers(store: Store) -> Iterator[Fault]:
    for uid, driver in store.of("drivers").items():
        shut_out = store.of("auth").get(uid, {}).get("disabled", False)
        if shut_out and driver["status"] != "offline":
            yield "25", f"{uid} is closed and {driver['status']}"
        for order_id in driver["active_orders"]:
            if store.of("orders")[order_id]["fulfilment"] in ENDED:
                yield "22", f"{uid} still carries {order_id[-6:]}, which has ended"


def _money(store: Store, gateway: FakeGateway) -> Iterator[Fault]:
    for bill in gateway.bills.values():
        payment = store.of("payments").get(bill.request.payment_id)
        if bill.charge.state is not ChargeState.CAPTURED:
            continue
        if payment and bill.charge.gateway_payment_id in payment["unmatched_charge_ids"]:
            yield from _unmatched(payment, bill)
            continue
        if payment is None or not payment["captured"]:
            yield "8", f"payment {bill.request.payment_id[-6:]} is paid at the gateway and not here"
            continue
        due = payment["captured"] - retained_of(paid_for(store, payment), payment)
        if (payment["refunded"], bill.refunded) != (due, due):
            yield "7", f"payment {payment['id'][-6:]}: {due} is due back, {bill.refunded} went"


def _unmatched(payment: Document, bill: Bill) -> Iterator[Fault]:
    """Yield the faults of an unmatched charge: it is refunded whole, and its attempt has ended."""
    name = payment["id"][-6:]
    if bill.refunded != bill.charge.amount.amount:
        yield "7", f"payment {name}: {bill.refunded} refunded of the unmatched {bill.charge.amount}"
    if payment["state"] == "pending":
        yield "22", f"payment {name} is pending though its charge is unmatched"


def _outbox(store: Store, messages: Messages) -> Iterator[Fault]:
    if store.of("outbox"):
        yield "13", f"{len(store.of('outbox'))} events are still in the outbox"
    lost = messages.committed.keys() - messages.published.keys()
    if lost:
        yield "13", f"{sorted(lost)} never reached the bus"


def _dead_letters(bus: SimulatedBus, operator: bool) -> Iterator[Fault]:
    buried = {(function, message.id) for function, message in bus.dead_letters}
    now = asyncio.get_running_loop().time()
    for function, name, due in bus.poisoned:
        if due < now and (function, name) not in buried:
            yield "15", f"a poison message did not reach the dead letters of {function}"
    for function, message in bus.dead_letters:
        if operator and not message.id.startswith(POISON):
            yield "15", f"{message.type} of {message.subject[-6:]} lies in the dead letters of {function}"


def _lost(bus: SimulatedBus) -> set[tuple[str, str]]:
    """Return what nobody brought back from the dead letters, by function and event."""
    return {(function, message.id) for function, message in bus.dead_letters}


def _told(store: Store, messages: Messages, lost: set[tuple[str, str]]) -> Iterator[Fault]:
    told = {
        entry["event_id"]
        for kind, found in store.kinds.items()
        if kind.endswith("/inbox")
        for entry in found.values()
    }
    for name, message in messages.contents.items():
        known = name in told or ("notifications_events", name) in lost
        if not known and message.type.split(".")[2] in ALWAYS_TOLD:
            yield "14", f"nobody was told of {message.type} of {message.subject[-6:]}"


def _reviews(store: Store, lost: set[tuple[str, str]]) -> Iterator[Fault]:
    for name, review in store.of("reviews").items():
        if review["subject_kind"] == "customer":
            continue
        kind, told = COUNTED_BY[review["subject_kind"]]
        counted = name in store.of(f"{kind}/{review['subject_id']}/reviews")
        if not counted and (told, event_id(name, "review_posted")) not in lost:
            yield "14", f"the review of {review['order_id'][-6:]} does not count"


COUNTED_BY = {"driver": ("drivers", "dispatch_events"), "merchant": ("merchants", "catalogue_events")}
"""Where, and by which function, a review is counted once more than by whoever keeps it."""

ALWAYS_TOLD = (
    "document_approved",
    "document_rejected",
    "document_expiring",
    "document_expired",
    "order_placed",
    "order_confirmed",
    "order_confirmed_ahead",
    "order_activated",
    "occurrence_skipped",
    "recurrence_stopped",
    "order_picked_up",
    "order_delivered",
    "order_cancelled",
    "payment_captured",
    "payment_refunded",
    "tip_paid",
    "order_substitution_proposed",
    "order_substitution_accepted",
    "order_substitution_declined",
    "offer_made",
    "driver_assigned",
    "order_unassignable",
)
"""The events of which somebody always hears."""
