"""Looks at what each commit touched, and at the gateway and the bus as they move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from shared.adapters.firestore.database import Write
from shared.kernel.event import Message
from tests.fakes.payments import Bill, FakeGateway
from tests.simulation.invariants import dispatch, money, orders
from tests.simulation.invariants.messages import Messages
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import EPOCH, current_process
from tests.simulation.watch import Watch

SHOWN: Mapping[str, Callable[[Document], tuple[str, ...]]] = {
    "orders": lambda d: (d["fulfilment"], d["assignment"]["state"], d["payment"]["state"]),
    "offers": lambda d: (d["state"],),
    "payments": lambda d: (d["state"],),
    "refunds": lambda d: (d["state"],),
    "drivers": lambda d: (d["status"], str(len(d["active_orders"]))),
}
"""What the trace says of a document."""


class Checker:
    """Holds every commit against the invariants; only what was touched is looked at."""

    def __init__(self, watch: Watch, store: Store) -> None:
        self.messages = Messages()
        self.gateway: FakeGateway = FakeGateway()
        self._watch, self._store = watch, store
        self._bills: dict[str, money.Known] = {}

    def commit(self, touched: Touched, writes: Sequence[Write]) -> None:
        """See what a commit did."""
        for path, (before, after) in touched.items():
            self._show(path, before, after)
        self._report(self.messages.commit(touched, writes, _now()))
        for path, (before, after) in touched.items():
            if after is not None and before != after:
                self._report(self._faults(path, before, after))

    def published(self, message: Message) -> None:
        """See a message reach the bus."""
        self._report(self.messages.publish(message, _now()))

    def billed(self, bill: Bill) -> None:
        """See the gateway make a link."""
        process = current_process.get()
        asked = (process.started - process.skew - EPOCH).total_seconds()
        self._report(money.bill_faults(self.gateway, bill, self._bills, asked, _now()))
        self._bills[bill.request.payment_id] = money.Known(_now())

    def _faults(self, path: str, before: Document | None, after: Document) -> Iterator[Fault]:
        collection = path.rpartition("/")[0]
        if collection == "orders":
            yield from orders.faults(before, after)
            yield from self._quoted_once(before, after)
            yield from dispatch.order_faults(self._store, after)
        elif collection == "offers":
            decided_at = current_process.get().started
            yield from dispatch.offer_faults(self._store, before, after, decided_at)
        elif collection == "drivers":
            yield from dispatch.driver_faults(self._store, before, after)
        elif collection == "payments":
            yield from money.payment_faults(self._store, self.gateway, before, after)
            known = self._bills.get(after["id"])
            if known and known.entered is None and after["captured"]:
                self._bills[after["id"]] = replace(known, entered=_now())
        elif collection == "refunds":
            yield from money.refund_faults(self._store, before, after)

    def _quoted_once(self, before: Document | None, after: Document) -> Iterator[Fault]:
        quote = after["quote_id"]
        if before is None and sum(o["quote_id"] == quote for o in self._store.of("orders").values()) > 1:
            yield "2", f"quote {quote[-6:]} made two orders"

    def _report(self, faults: Iterator[Fault]) -> None:
        for invariant, message in faults:
            self._watch.fail(invariant, message)

    def _show(self, path: str, before: Document | None, after: Document | None) -> None:
        collection, _, name = path.rpartition("/")
        if collection not in SHOWN or after is None:
            return
        old = SHOWN[collection](before) if before else ()
        new = SHOWN[collection](after)
        if old != new:
            self._watch.states[f"{collection[:-1]} {' '.join(new)}"] += 1
            who = current_process.get().name
            self._watch.tell(who, f"{collection}/{name[-8:]}: {' '.join(old) or '-'} -> {' '.join(new)}")


def _now() -> float:
    return asyncio.get_running_loop().time()
