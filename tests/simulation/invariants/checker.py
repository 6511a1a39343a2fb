"""Looks at what each commit touched, and at the gateway and the bus as they move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from shared.adapters.firestore.database import Write
from shared.adapters.redis_statuses import LIFETIME
from shared.kernel.event import Message
from shared.notifications.domain import PushMessage
from tests.fakes.notifications import FakePush
from tests.fakes.payments import Bill, FakeGateway
from tests.simulation.invariants import (
    access,
    audit,
    clocks,
    dispatch,
    escalations,
    money,
    orders,
    people,
    promised,
    recurrences,
    security,
    shops,
    stock,
    substitutions,
    tips,
    verification,
)
from tests.simulation.invariants.access import Memberships
from tests.simulation.invariants.informed import Informed
from tests.simulation.invariants.messages import Messages
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.invariants.security import SignIns
from tests.simulation.invariants.unpaid import Unpaid
from tests.simulation.invariants.zones import Zones
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import EPOCH, Process, current_process, true_time
from tests.simulation.watch import Watch

SHOWN: Mapping[str, Callable[[Document], tuple[str, ...]]] = {
    "orders": lambda d: (d["fulfilment"], d["assignment"]["state"], d["payment"]["state"]),
    "offers": lambda d: (d["state"],),
    "payments": lambda d: (d["state"],),
    "tips": lambda d: (d["payment"]["state"],),
    "refunds": lambda d: (d["state"],),
    "drivers": lambda d: (d["status"], str(len(d["active_orders"]))),
    "merchants": lambda d: ("open" if d["open"] else "closed" if d["approved"] else "new",),
    "reviews": lambda d: ("posted", str(d["side"])),
    "verification_documents": lambda d: (d["kind"], d["state"]),
    "zones": lambda d: ("active" if d["active"] else "archived",),
    "recurrences": lambda d: ("goes on" if d["next_at"] else "over", str(d["placed"])),
}
"""What the trace says of a document."""


class Checker:
    """Holds every commit against the invariants; only what was touched is looked at."""

    def __init__(self, watch: Watch, store: Store, documents_required: bool = False) -> None:
        self.documents_required = documents_required
        """Whether drivers and merchants need verification documents."""
        self._sign_ins, self._zones = SignIns(store), Zones(store)
        self.memberships = Memberships(store)
        self.messages = Messages()
        self.gateway: FakeGateway = FakeGateway()
        self.informed = Informed(store, FakePush())
        self._watch, self._store = watch, store
        self._open_offers, self._unpaid = dispatch.OpenOffers(), Unpaid(store)
        self._bills: dict[str, money.Known] = {}
        self._looks: Mapping[str, Callable[[Document | None, Document], Iterator[Fault]]] = {
            "orders": self._order_faults,
            "offers": self._offer_faults,
            "drivers": self._driver_faults,
            "payments": self._payment_faults,
            "refunds": partial(money.refund_faults, store),
            "tips": partial(tips.faults, store),
            "merchants": self._merchant_faults,
            "quotes": self._quote_faults,
            "reviews": self._review_faults,
        }

    def commit(self, touched: Touched, writes: Sequence[Write]) -> None:
        """See what a commit did."""
        for path, (before, after) in touched.items():
            self._show(path, before, after)
        self._report(self.messages.commit(touched, writes, _now()))
        self._report(stock.faults(self._store, touched))
        self._report(self._people(touched))
        self._report(recurrences.faults(self._store, touched, current_process.get()))
        self._report(self._open_offers.faults(touched))
        self._report(self._unpaid.commit(touched, current_process.get(), _now()))
        self._report(self.informed.commit(touched, _now()))
        for path, (before, after) in touched.items():
            if before != after:
                self._report(self._faults(path, before, after))

    def answered(self, process: Process) -> None:
        """See a client's request answered: nobody who had been shut out reads anything."""
        person = process.person
        since = self._sign_ins.shut_out_since(person) if person else None
        grace = LIFETIME + timedelta(seconds=1) if process.name.endswith(" reports") else access.SEEN_WITHIN
        if since is not None and since + grace < process.asked_at:
            self._watch.fail("25", f"{process.name}: answered, though shut out at {since:%X}")

    def acknowledged(self, process: Process, function: str, message: Message) -> None:
        """See that a function has dealt with an event."""
        if function == "notifications_events":
            committed = self.messages.committed[message.id]
            self._report(self.informed.acknowledged(message, committed, process))
        if function == "dispatch_events":
            self._report(escalations.unseen(self._store, message))
        if function == "orders_events":
            self._report(self._unpaid.acknowledged(message, self.messages.committed[message.id]))

    def published(self, message: Message) -> None:
        """See a message reach the bus."""
        self._report(self.messages.publish(message, _now()))

    def pushed(self, message: PushMessage) -> None:
        """See a phone ring."""
        asked = (current_process.get().asked_at - EPOCH).total_seconds()
        self._report(self.messages.push(message, asked))

    def billed(self, bill: Bill) -> None:
        """See the gateway make a link."""
        process = current_process.get()
        asked = (process.asked_at - EPOCH).total_seconds()
        self._report(money.bill_faults(self.gateway, bill, self._bills, asked, _now()))
        self._bills[bill.request.payment_id] = money.Known(_now())

    def _faults(self, path: str, before: Document | None, after: Document | None) -> Iterator[Fault]:
        collection = path.rpartition("/")[0]
        if collection.endswith("/menu"):
            return shops.menu_faults(self._store, path, before, after)
        if collection == "users" or collection.endswith(("/devices", "/addresses")):
            return self._account_faults(path, before, after)
        if path.endswith("/private/search") and after is not None:
            return orders.search_faults(path, before, after)
        if collection.endswith("/blocks"):
            return people.block_faults(self._store, path)
        if collection == "verification_documents":
            return verification.document_faults(self._store, before, after, current_process.get().started)
        look = self._looks.get(collection)
        return look(before, after) if look and after is not None else iter(())

    def _account_faults(self, path: str, before: Document | None, after: Document | None) -> Iterator[Fault]:
        if path.startswith("users/") and path.count("/") == 1:
            yield from people.profile_faults(before, after)
        yield from people.account_faults(self._store, path.split("/")[1])

    def _offer_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        process = current_process.get()
        started, looked_at = process.started, process.looked_at(f"drivers/{after['driver_id']}")
        yield from dispatch.offer_faults(self._store, before, after, process.asked_at, looked_at)
        if self.documents_required and after["state"] in ("open", "accepted"):
            yield from verification.driving_faults(self._store, after, started)

    def _merchant_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        yield from shops.merchant_faults(self._store, before, after)
        yield from people.rating_faults(self._store, "merchants", after)
        if self.documents_required:
            yield from verification.selling_faults(before, after, current_process.get().started)

    def _people(self, touched: Touched) -> Iterator[Fault]:
        process = current_process.get()
        yield from self._sign_ins.commit(touched, process, true_time())
        yield from self.memberships.commit(touched, process, true_time())
        yield from access.operator_faults(self._store, touched)
        yield from security.factor_faults(self._store, touched, process)
        yield from audit.faults(touched)
        yield from self._zones.commit(touched, true_time())

    def _driver_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        yield from dispatch.driver_faults(self._store, before, after)
        yield from people.rating_faults(self._store, "drivers", after)

    def _payment_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        yield from money.payment_faults(self._store, self.gateway, before, after)
        known = self._bills.get(after["id"])
        if known and known.recorded is None and after["captured"]:
            self._bills[after["id"]] = replace(known, recorded=_now())

    def _review_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        yield from people.review_faults(self._store, current_process.get(), before, after)

    def _quote_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        process = current_process.get()
        yield from shops.quote_faults(self._store, process, before, after)
        yield from self._zones.faults(f"quote {after['id'][-6:]}", after["dropoff"], process.asked_at)

    def _order_faults(self, before: Document | None, after: Document) -> Iterator[Fault]:
        process = current_process.get()
        yield from orders.faults(before, after)
        yield from substitutions.faults(before, after)
        yield from self._quoted_once(before, after)
        if before is None:
            yield from shops.placing_faults(self._store, process, after)
            yield from promised.faults(self._store, self._zones, process, after)
        yield from clocks.timeline_faults(process, before, after)
        yield from clocks.begin_faults(process, before, after)
        yield from dispatch.order_faults(self._store, after)

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
