"""The ports of dispatch for its tests: the real store over a database in memory, a shop and drivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import Collection, to_document
from shared.adapters.firestore.dispatch import DRIVERS, OFFERS, FirestoreDispatch
from shared.adapters.firestore.dispatch_orders import Search, order_in, order_paths, search_of
from shared.adapters.firestore.licences import FirestoreDriverDocuments
from shared.adapters.firestore.orders import FirestoreOrders
from shared.dispatch.domain import Assignment, AssignmentContext, Offer, Order, offer_id
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.handover import HandBackReason
from shared.dispatch.matching import Candidate, Config, sequential
from shared.dispatch.ports import Matcher
from shared.dispatch.scoring import Ranking
from shared.dispatch.usecases.accept_offer import AcceptOffer, accept_offer
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.decline_offer import DeclineOffer, decline_offer
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.go_offline import GoOffline, go_offline
from shared.dispatch.usecases.hand_back_order import HandBackOrder, hand_back_order
from shared.dispatch.usecases.make_offer import FindDriver, Outcome, make_offer
from shared.kernel.geo import Point
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Fulfilment, PaymentState
from shared.kernel.vehicle import Vehicle
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.verification.requirements import RequirementPolicy
from tests import builders
from tests.builders import CUSTOMER, NOW, ORDER_ID
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDeadlines, MemoryDriverIndex
from tests.fakes.runtime import FakeRuntime

SHOP = builders.quote().pickup

NOT_READY_AND_PAID = (
    (Fulfilment.PREPARING, PaymentState.CAPTURED),
    (Fulfilment.CANCELLED, PaymentState.CAPTURED),
    (Fulfilment.READY, PaymentState.PENDING),
    (Fulfilment.READY, PaymentState.REFUNDED),
)
"""States of an order that is not both ready and paid."""


async def no_pause(_: int) -> None:
    """Do not wait between two attempts of a change."""


def north(metres: float) -> Point:
    """Return the point `metres` north of the shop."""
    return Point(SHOP.lat + metres / 111_195, SHOP.lng)


def driver(uid: str, **changes: Any) -> Driver:
    """Return a driver who is approved and online."""
    base = Driver(uid, uid.title(), Vehicle.SCOOTER, approved=True, status=DriverStatus.ONLINE)
    return replace(base, **changes)


@dataclass
class World:
    """`DispatchPorts` for tests, and the time."""

    now: datetime = NOW
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    bus: MemoryBus = field(default_factory=MemoryBus)
    index: MemoryDriverIndex = field(default_factory=MemoryDriverIndex)
    deadlines: MemoryDeadlines = field(default_factory=MemoryDeadlines)
    config: Config = field(default_factory=lambda: Config(commit_allowance=timedelta(0)))
    matcher: Matcher = sequential

    def __post_init__(self) -> None:
        self.index.now = self.now
        self.documents = DocumentStore(self.database, self.bus, clock=lambda: self.now, pause=no_pause)
        self.store = FirestoreDispatch(self.documents)
        self.orders = FirestoreOrders(self.documents)
        self.driver_documents = FirestoreDriverDocuments(self.database, RequirementPolicy(False))

    def add_order(
        self,
        fulfilment: Fulfilment = Fulfilment.READY,
        payment: PaymentState = PaymentState.CAPTURED,
        **changes: Any,
    ) -> str:
        """Store an order; return its id."""
        order = builders.order(fulfilment, payment, **changes)
        self.database.seed(f"orders/{order.id}", {**to_document(order), "timeline": [], "version": 0})
        return order.id

    async def add_driver(self, uid: str, metres: float = 500, **changes: Any) -> Driver:
        """Store a driver, and their position `metres` north of the shop in the index."""
        made = driver(uid, **changes)
        self.database.seed(f"drivers/{uid}", to_document(made))
        await self.index.upsert_position(made, north(metres), self.now)
        return made

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span
        self.index.now = self.now

    async def ping(self, *uids: str, metres: float = 500) -> None:
        """Report the positions of drivers, as their apps do every few seconds."""
        for uid in uids:
            await self.index.upsert_position(self.driver(uid), north(metres), self.now)

    async def search(self, order_id: str = ORDER_ID, search_attempt: int | None = None) -> Outcome:
        """Look for a driver."""
        return await make_offer(FindDriver(order_id, search_attempt), ports=self, now=self.now)

    def runtime(self) -> FakeRuntime:
        """Return a runtime over this world."""
        return FakeRuntime(
            database=self.database,
            bus=self.bus,
            clock=lambda: self.now,
            externals={"driver index": self.index, "queue offers": None},
        )

    def ports(self) -> dict[str, Any]:
        """Return the ports of dispatch by name, for `run_on`."""
        return {"store": self.store, "driver_documents": self.driver_documents, "deadlines": self.deadlines}

    async def candidates(self, point: Point, radius_m: float) -> Sequence[Candidate]:
        """Return the drivers that a search finds now."""
        return await self.index.near(point, radius_m, self.now - self.config.max_position_age)

    def order(self, order_id: str = ORDER_ID) -> Order:
        """Return an order as it is stored, with its search."""
        docs = {path: self.database.snapshot(path) for path in order_paths(order_id)}
        return cast(Order, order_in(docs, order_id))

    def change_search(self, order_id: str = ORDER_ID, **changes: Any) -> None:
        """Change what is stored of an order's search."""
        search = replace(Search.of(self.assignment(order_id)), **changes)
        self.database.seed(search_of(order_id).path("search"), to_document(search))

    def assignment(self, order_id: str = ORDER_ID) -> Assignment:
        """Return an order's assignment as it is stored."""
        return self.order(order_id).assignment

    def offer(self, attempt: int = 1, order_id: str = ORDER_ID) -> Offer:
        """Return an offer as it is stored."""
        return OFFERS.parse(self.database.data(f"offers/{offer_id(order_id, attempt)}"))

    def offers(self) -> Sequence[Offer]:
        """Return all offers."""
        return [OFFERS.parse(data) for data in self.database.collection("offers").values()]

    def driver(self, uid: str) -> Driver:
        """Return a driver as they are stored."""
        return DRIVERS.parse(self.database.data(f"drivers/{uid}"))

    def timeline(self, order_id: str = ORDER_ID) -> list[str]:
        """Return the names of the events of an order."""
        return [entry["type"] for entry in self.database.data(f"orders/{order_id}")["timeline"]]

    def outbox(self) -> int:
        """Return how many events are in the outbox."""
        return len(self.database.collection("outbox"))

    def ranking(self, attempt: int = 1, order_id: str = ORDER_ID) -> Ranking:
        """Return the ranking of an offer."""
        kept = self.database.data(f"orders/{order_id}/private/search")["rankings"]
        [found] = [one for one in kept if one["offer_id"] == offer_id(order_id, attempt)]
        return Collection("private", Ranking).parse(found)

    def block(self, one: str, other: str) -> None:
        """Block one user by the other; both profiles list the other."""
        for uid, blocked in ((one, other), (other, one)):
            self.database.seed(f"review_records/{uid}", {"uid": uid, "not_matched": [blocked]})

    async def accept(
        self, uid: str, attempt: int = 1, idempotency: IdempotentRequest | None = None
    ) -> AssignmentContext:
        """Accept an offer of the first order."""
        command = AcceptOffer(offer_id(ORDER_ID, attempt), uid)
        return await accept_offer(
            command, store=self.store, index=self.index, now=self.now, idempotency=idempotency
        )

    async def decline(self, uid: str, attempt: int = 1) -> AssignmentContext:
        """Decline an offer of the first order."""
        command = DeclineOffer(offer_id(ORDER_ID, attempt), uid)
        return await decline_offer(command, store=self.store, index=self.index, now=self.now)

    async def leave(self, uid: str) -> Driver:
        """Set a driver offline."""
        return await go_offline(GoOffline(uid), store=self.store, index=self.index, now=self.now)

    async def hand_back(
        self, uid: str, order_id: str = ORDER_ID, reason: HandBackReason = HandBackReason.BREAKDOWN
    ) -> Driver:
        """Hand an order back as its driver."""
        command = HandBackOrder(order_id, uid, reason)
        return await hand_back_order(command, store=self.store, index=self.index, now=self.now)

    async def expire(self, attempt: int = 1) -> Offer:
        """Run the deadline of an offer of the first order."""
        return await expire_offer(ExpireOffer(offer_id(ORDER_ID, attempt)), ports=self, now=self.now)

    async def cancel(self) -> None:
        """Cancel the first order as its customer; the event has not reached dispatch yet."""
        await cancel_order(CancelOrder(CUSTOMER, ORDER_ID, ""), orders=self.orders, now=self.now)

    async def handle_cancellation(self, driver_id: str | None = None) -> None:
        """Deliver the cancellation of the first order to dispatch."""
        command = CancelAssignment(ORDER_ID, driver_id)
        await cancel_assignment(command, store=self.store, index=self.index, now=self.now)
