"""Thousands of pending payments at a slow gateway, and the reconciler, in virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.payments import FirestorePayments
from shared.kernel.batch import Batch
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import (
    Charge,
    ChargeState,
    GatewayUnavailable,
    Method,
    Payment,
    Refund,
    RefundReport,
    State,
    payment_id,
)
from shared.payments.ports import Intent, IntentRequest
from shared.payments.usecases.reconcile import ReconcileResult, reconcile
from tests.fakes.bus import MemoryBus
from tests.simulation.loop import VirtualLoop
from tests.simulation.ports.database import Store
from tests.unit.payments.world import NOON, TOTAL, order_document

LATENCY_S = 0.1


@dataclass(slots=True)
class SlowGateway:
    """A gateway at which every payment is captured. Its answers are slow; some are missing or errors."""

    seconds: float = LATENCY_S
    stuck: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    asked: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    _at_once: int = 0

    async def fetch(self, payment: Payment) -> Charge:
        self.asked[payment.id] += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(1e9 if payment.id in self.stuck else self.seconds)
        finally:
            self._at_once -= 1
        if payment.id in self.broken:
            raise GatewayUnavailable
        return Charge(payment.gateway_payment_id, ChargeState.CAPTURED, payment.amount)

    async def create_intent(self, request: IntentRequest) -> Intent:
        raise NotImplementedError

    async def refund(self, refund: Refund) -> RefundReport:
        raise NotImplementedError

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        raise NotImplementedError


class SlowStore(Store):
    """A database with the latency of Firestore."""

    async def get_all(self, paths: Any) -> Any:
        await asyncio.sleep(0.01)
        return await super().get_all(paths)

    async def commit(self, writes: Any) -> None:
        await asyncio.sleep(0.02)
        await super().commit(writes)
        self.commits.clear()


class Pollers:
    """`count` pending payments without webhooks, and the reconciler."""

    def __init__(self, count: int, **gateway: Any) -> None:
        self.gateway = SlowGateway(**gateway)
        self.database = SlowStore()
        self.store = FirestorePayments(DocumentStore(self.database, MemoryBus()))
        for number in range(count):
            payment = pending(number)
            slice_ = {"state": "pending", "payment_id": payment.id, "captured": 0, "refunded": 0}
            order = {**order_document(), "id": payment.subject_ref.id, "payment": slice_}
            self.database.plant(f"orders/{payment.subject_ref.id}", order)
            self.database.plant(f"payments/{payment.id}", to_document(payment))

    async def poll(self) -> ReconcileResult:
        return await reconcile(store=self.store, gateway=self.gateway, batch=Batch(clock=_virtual_now))

    def captured(self) -> int:
        return sum(payment["state"] == "captured" for payment in self.database.of("payments").values())


def _virtual_now() -> datetime:
    return NOON + timedelta(seconds=asyncio.get_running_loop().time())


def pending(number: int) -> Payment:
    ref = SubjectRef(ChargeKind.ORDER, derived_id("ord", str(number)))
    return Payment(
        id=payment_id(ref, 1),
        subject_ref=ref,
        customer_id="asha",
        attempt=1,
        amount=Money(TOTAL),
        method=Method.UPI_INTENT,
        state=State.PENDING,
        gateway_order_id="",
        gateway_payment_id=f"pay_{number:014}",
        link="",
        created_at=NOON - timedelta(minutes=1),
        expires_at=NOON + timedelta(minutes=14),
        due_at=NOON - timedelta(seconds=number % 60),
    )


def virtually(work: Coroutine[Any, Any, None]) -> float:
    """Run the work in virtual time; return the seconds that it took."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()
    return loop.seconds
