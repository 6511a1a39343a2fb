"""33: operators see an order as long as they have to look at it: a driver's problem, until it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator

from shared.dispatch.domain import PROBLEMS
from shared.kernel.event import Message
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store

ENDED = ("delivered", "cancelled", "returned")


def unseen(store: Store, message: Message) -> Iterator[Fault]:
    """Yield a problem of a driver that dispatch has dealt with, and that no operator sees."""
    if message.type.split(".")[2] != "order_delivery_failed":
        return
    data = json.loads(message.data)
    order = store.of("orders").get(data["order_id"])
    if order is None or data["reason"] not in PROBLEMS or not _stands(order, data):
        return
    if not order["assignment"].get("escalated_at"):
        yield "33", f"no operator sees {data['reason']} of order {order['id'][-6:]}"


def left_over(order: Document) -> Iterator[Fault]:
    """Yield an order that has ended and that operators still have to look at."""
    if order["fulfilment"] in ENDED and order["assignment"].get("escalated_at"):
        yield "33", f"order {order['id'][-6:]} has ended, and operators have to look at it"


def _stands(order: Document, failed: Document) -> bool:
    """Return whether the order is as its failed delivery left it, with the same driver."""
    assignment = order["assignment"]
    same = order["fulfilment"] == "failed" and order["delivery_attempt"] == failed["attempt"]
    held = assignment["state"] == "assigned" and assignment["driver_id"] == failed["driver_id"]
    return bool(same and held)
