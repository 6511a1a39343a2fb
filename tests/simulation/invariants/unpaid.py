"""28: what a customer holds without having paid is bounded: how much at once, and how long in all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.catalogue.events import CustomerBlocked
from shared.kernel.event import Message
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.invariants.recurrences import ended_unpaid
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process
from tests.simulation.short_calendar import UNPAID

PAID = ("captured", "partly_refunded", "refunded")


class Unpaid:
    """Remembers which orders each customer has placed, and when."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._placed: dict[str, dict[str, float]] = defaultdict(dict)
        """By customer and order: when it was placed, in virtual seconds."""

    def commit(self, touched: Touched, process: Process, now: float) -> Iterator[Fault]:
        """Check each new order against what its customer holds and has held."""
        for path, (before, after) in touched.items():
            if before is None and after is not None and path.startswith("orders/") and path.count("/") == 1:
                known = self._placed[after["customer_id"]]
                yield from _faults(after, [self._as_read(process, id_) for id_ in known])
                known[after["id"]] = now

    def acknowledged(self, message: Message, committed: float) -> Iterator[Fault]:
        """Check that a customer whom a merchant has blocked holds nothing there that was placed before."""
        if message.type != CustomerBlocked.TYPE:
            return
        blocked = json.loads(message.data)
        for id_, placed in self._placed[blocked["customer_id"]].items():
            order = self._store.of("orders")[id_]
            here = order["merchant_id"] == blocked["merchant_id"]
            if here and placed < committed and _waits(order):
                yield "28", f"order {id_[-6:]} waits unpaid at a merchant that has blocked its customer"

    def _as_read(self, process: Process, id_: str) -> Document:
        """Return an order as the process has read it: it may have ended since."""
        read: Document | None = process.last_look(f"orders/{id_}")
        return read or self._store.of("orders")[id_]


def _faults(order: Document, others: list[Document]) -> Iterator[Fault]:
    name, shop = order["id"][-6:], order["merchant_id"]
    waiting = [one for one in others if _waits(one)]
    here = [one for one in waiting if one["merchant_id"] == shop]
    if len(here) >= UNPAID.per_merchant or len(waiting) >= UNPAID.per_customer:
        yield "28", f"order {name} was placed with {len(here)} unpaid there, {len(waiting)} in all"
    ended = [one for one in others if ended_unpaid(one) and one["recurrence_id"] is None]
    held = sum(map(_held_for, ended), timedelta())
    held_here = sum((_held_for(one) for one in ended if one["merchant_id"] == shop), timedelta())
    if held_here >= UNPAID.held_at_merchant or held >= UNPAID.held:
        yield "28", f"order {name} was placed after {held_here} unpaid there, {held} in all"


def _waits(order: Document) -> bool:
    return order["fulfilment"] in ("scheduled", "placed") and order["payment"]["state"] not in PAID


def _held_for(order: Document) -> timedelta:
    ends: list[datetime] = [e["at"] for e in order["timeline"] if e["type"] == "order_cancelled"]
    placed: datetime = order["placed_at"]
    return ends[-1] - placed
