"""What must be true once the faults are over and ten minutes have passed: nothing is stuck."""

from __future__ import annotations

from collections.abc import Iterator

from shared.payments.domain import ChargeState
from tests.fakes.payments import FakeGateway
from tests.simulation.invariants.messages import Messages
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.bus import POISON, SimulatedBus
from tests.simulation.ports.database import Store

ENDED = ("delivered", "cancelled")


def faults(store: Store, gateway: FakeGateway, bus: SimulatedBus, messages: Messages) -> Iterator[Fault]:
    """Yield everything that is stuck, lost or left over."""
    for order in store.of("orders").values():
        yield from _order(order)
    for offer in store.of("offers").values():
        if offer["state"] == "open":
            yield "22", f"offer {offer['id'][-8:]} is still open"
    for refund in store.of("refunds").values():
        if refund["state"] == "pending":
            yield "22", f"refund {refund['id'][-6:]} is still pending"
    yield from _drivers(store)
    yield from _money(store, gateway)
    yield from _messages(store, bus, messages)


def outcome(order: Document) -> str:
    """Say in a word or two how an order ended."""
    payment, assignment = order["payment"], order["assignment"]["state"]
    if order["fulfilment"] == "cancelled":
        return "cancelled, refunded" if payment["captured"] else "cancelled, unpaid"
    if order["fulfilment"] == "delivered":
        return "delivered"
    return "unassignable" if assignment == "unassignable" else "never paid"


def _order(order: Document) -> Iterator[Fault]:
    name, payment, assignment = order["id"][-6:], order["payment"], order["assignment"]
    story = f"order {name}: {order['fulfilment']}, {assignment['state']}, {payment}"
    if order["fulfilment"] == "cancelled":
        if payment["captured"] != payment["refunded"]:
            yield "22", f"{story}: not refunded in full"
        if assignment["state"] != "none":
            yield "22", f"{story}: still dispatched"
    elif payment["captured"] and order["fulfilment"] != "delivered" and assignment["state"] != "unassignable":
        yield "22", f"{story}: paid and stuck"


def _drivers(store: Store) -> Iterator[Fault]:
    for uid, driver in store.of("drivers").items():
        for order_id in driver["active_orders"]:
            if store.of("orders")[order_id]["fulfilment"] in ENDED:
                yield "22", f"{uid} still carries {order_id[-6:]}, which has ended"


def _money(store: Store, gateway: FakeGateway) -> Iterator[Fault]:
    for bill in gateway.bills.values():
        payment = store.of("payments").get(bill.request.payment_id)
        if bill.charge.state is not ChargeState.CAPTURED:
            continue
        if payment is None or not payment["captured"]:
            yield "8", f"payment {bill.request.payment_id[-6:]} is paid at the gateway and not here"
            continue
        order = store.of("orders")[payment["order_id"]]
        kept = order["fulfilment"] != "cancelled" and order["payment"]["payment_id"] == payment["id"]
        due = 0 if kept else payment["captured"]
        if (payment["refunded"], bill.refunded) != (due, due):
            yield "7", f"payment {payment['id'][-6:]}: {due} is due back, {bill.refunded} went"


def _messages(store: Store, bus: SimulatedBus, messages: Messages) -> Iterator[Fault]:
    if store.of("outbox"):
        yield "13", f"{len(store.of('outbox'))} events are still in the outbox"
    lost = messages.committed.keys() - messages.published.keys()
    if lost:
        yield "13", f"{sorted(lost)} never reached the bus"
    buried = {(function, message.id) for function, message in bus.dead_letters}
    for function, name in bus.poisoned:
        if (function, name) not in buried:
            yield "15", f"a poison message did not reach the dead letters of {function}"
    for function, message in bus.dead_letters:
        if not message.id.startswith(POISON):
            yield "15", f"{message.type} of {message.subject[-6:]} lies in the dead letters of {function}"
    told = {
        entry["event_id"]
        for kind, found in store.kinds.items()
        if kind.endswith("/inbox")
        for entry in found.values()
    }
    for name, message in messages.contents.items():
        if name not in told and message.type.split(".")[2] in ALWAYS_TOLD:
            yield "14", f"nobody was told of {message.type} of {message.subject[-6:]}"


ALWAYS_TOLD = (
    "order_placed",
    "order_confirmed",
    "order_picked_up",
    "order_delivered",
    "order_cancelled",
    "payment_captured",
    "payment_refunded",
    "offer_made",
    "driver_assigned",
    "order_unassignable",
)
"""The events of which somebody always hears."""
