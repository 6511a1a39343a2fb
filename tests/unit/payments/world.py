"""One order or tip with its payments in memory, a gateway, and the actors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from functions.payments_events.routes import HANDLERS
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import Snapshot, Write
from shared.adapters.firestore.payments import FirestorePayments
from shared.composition.payment_gateway import GatewayPorts
from shared.kernel.batch import Batch
from shared.kernel.errors import Unavailable
from shared.kernel.event import Event
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import Method, Payment
from shared.payments.ports import WebhookEvent
from shared.payments.usecases.handle_webhook import handle_webhook
from shared.payments.usecases.reconcile import ReconcileResult, reconcile
from shared.payments.usecases.refund import RefundPayment, refund_payment
from shared.payments.usecases.start_payment import StartPayment, start_payment
from shared.schema import schema
from tests.fakes.admission import admit_always
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.payments import FakeGateway
from tests.fakes.runtime import FakeRuntime

ORDER, TIP = "ord_" + "a" * 32, "tip_" + "a" * 32
MERCHANT = "mer_" + "b" * 32
UNKNOWN_ORDER = SubjectRef(ChargeKind.ORDER, "ord_" + "0" * 32)
ORDER_REF, TIP_REF = SubjectRef(ChargeKind.ORDER, ORDER), SubjectRef(ChargeKind.TIP, TIP)
TOTAL = 45_600
E = TypeVar("E", bound=Event)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Death(Exception):
    """The process died here."""


class MortalDatabase(MemoryDatabase):
    """A database that fails once at its n-th operation, before the operation or, with `after`, after it."""

    def __init__(self) -> None:
        super().__init__()
        self.dies_in: int | None = None
        self.after = False
        self.operations = 0

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        self._step(before=True)
        found = await super().get_all(paths)
        self._step(before=False)
        return found

    async def commit(self, writes: Sequence[Write]) -> None:
        self._step(before=True)
        await super().commit(writes)
        self._step(before=False)

    def _step(self, *, before: bool) -> None:
        if before:
            self.operations += 1
        if before is not self.after and self.dies_in == self.operations:
            self.dies_in = None
            raise Death


async def _no_pause(_: int) -> None:
    return None


@dataclass(slots=True)
class World:
    """The order `ORDER`, or the tip `TIP`, of customer `asha`; `now` changes only when a test changes it."""

    database: MortalDatabase = field(default_factory=MortalDatabase)
    bus: MemoryBus = field(default_factory=MemoryBus)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    now: datetime = NOON
    subject_ref: SubjectRef = ORDER_REF
    store: FirestorePayments = field(init=False)

    def __post_init__(self) -> None:
        documents = DocumentStore(self.database, self.bus, clock=lambda: self.now, pause=_no_pause)
        self.store = FirestorePayments(documents)
        self.database.seed(self.path, order_document() if self.subject_ref == ORDER_REF else tip_document())

    @property
    def path(self) -> str:
        """The path of the charge subject's document."""
        return f"{self.subject_ref.kind}s/{self.subject_ref.id}"

    async def start(self, uid: str = "asha", subject_ref: SubjectRef | None = None, **more: Any) -> Payment:
        """Start a payment as the customer."""
        idempotency: IdempotentRequest | None = more.get("idempotency")
        contact = more.get("contact", "+919900000001")
        command = StartPayment(subject_ref or self.subject_ref, uid, Method.UPI_INTENT, contact, "a@b.in")
        return await start_payment(
            command,
            store=self.store,
            gateway=self.gateway,
            admit=more.get("admit", admit_always),
            now=self.now,
            idempotency=idempotency,
        )

    async def receive(self, *webhooks: WebhookEvent | None) -> None:
        """Handle webhook events of the gateway."""
        for event in webhooks:
            await handle_webhook(event, store=self.store, now=self.now)

    async def receive_all(self) -> None:
        """Handle all webhook events of the gateway so far, in order."""
        await self.receive(*self.gateway.webhooks)

    async def paid(self) -> Payment:
        """Return a payment that is captured and recorded."""
        payment = await self.start()
        self.gateway.pay(payment.link)
        await self.receive_all()
        return await self.payment(payment.id)

    async def failed(self) -> Payment:
        """Return a payment that failed and is recorded as failed."""
        payment = await self.start()
        self.gateway.decline(payment.link)
        await self.receive_all()
        return await self.payment(payment.id)

    async def paid_twice(self) -> tuple[Payment, Payment]:
        """Return a duplicate payment, captured after its failure, and the payment that had paid by then."""
        first = await self.failed()
        second = await self.start()
        self.gateway.pay(second.link)
        self.gateway.pay(first.link)
        await self.receive_all()
        return await self.payment(first.id), await self.payment(second.id)

    async def payment(self, id_: str) -> Payment:
        found = await self.store.find(id_)
        assert found is not None
        return found

    async def refund(self, payment_id: str) -> None:
        """Refund what is due of a payment, as `payments_events` does."""
        command = RefundPayment(payment_id, self.subject_ref, "order_cancelled")
        await refund_payment(command, store=self.store, gateway=self.gateway, now=self.now)

    async def deliver_events(self) -> None:
        """Deliver every published event that can cause a refund, again and again."""
        for name in ("payment_captured", "duplicate_payment_captured", "unmatched_payment_captured"):
            for event in self.bus.fields(name):
                if event.get("order_cancelled", True):
                    await self.refund(event["payment_id"])

    async def handle(self, event: Event) -> None:
        """Deliver an event to `payments_events`."""
        externals = {"payment gateway": self.gateway}
        runtime = FakeRuntime(database=self.database, bus=self.bus, externals=externals)
        await HANDLERS[type(event)](event, GatewayPorts(runtime), self.now)

    async def poll(self) -> ReconcileResult:
        """Run the reconciler once."""
        return await reconcile(store=self.store, gateway=self.gateway, batch=Batch(clock=lambda: self.now))

    async def poll_and_ignore_failure(self) -> None:
        """Run the reconciler once and ignore its failure, as the scheduler does."""
        try:
            await self.poll()
        except Unavailable:
            return

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def set_refund_due(self, amount: int) -> None:
        """Set what is due for refund while the order runs."""
        self.set_order(refund_due=amount, refund_at=self.now)

    def cancel_order(self) -> None:
        self.set_order(fulfilment="cancelled")

    def set_order(self, **fields: Any) -> None:
        self.database.seed(self.path, {**self.order(), **fields})

    def order(self) -> dict[str, Any]:
        return self.database.data(self.path)

    def slice(self) -> dict[str, Any]:
        """Return the payment slice without the reconciler's mark."""
        found: dict[str, Any] = self.order()["payment"]
        return {name: value for name, value in found.items() if name != "reconcile_after"}

    def event(self, kind: type[E]) -> E:
        """Return the only published event of a kind."""
        [fields] = self.bus.fields(kind.name())
        decoded: E = schema(cast(Any, kind)).validate_python(fields)
        return decoded

    def timeline(self) -> list[str]:
        return [entry["type"] for entry in self.order()["timeline"]]


def order_document() -> dict[str, Any]:
    """Return an order as the orders context stores it, with fields that payments do not know."""
    return {
        "id": ORDER,
        "customer_id": "asha",
        "merchant_id": MERCHANT,
        "amounts": {"items": 40_000, "delivery_fee": 3_600, "tax": 2_000, "total": TOTAL, "currency": "INR"},
        "fulfilment": "placed",
        "assignment": {"state": "none", "attempt": 0},
        "payment": {"state": "none", "payment_id": None, "captured": 0, "refunded": 0},
        "timeline": [],
        "version": 0,
    }


def tip_document() -> dict[str, Any]:
    """Return a tip for that order as the orders context stores it."""
    return {
        "id": TIP,
        "order_id": ORDER,
        "customer_id": "asha",
        "driver_id": "dev",
        "amounts": {"total": TOTAL, "currency": "INR"},
        "fulfilment": "placed",
        "payment": {"state": "none", "payment_id": None, "captured": 0, "refunded": 0},
        "timeline": [],
        "version": 0,
    }
