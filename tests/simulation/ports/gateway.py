"""The payment provider behind the wire: it declines, delays, captures late, and sends webhooks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from shared.kernel.money import Money
from shared.payments.domain import Charge, GatewayUnavailable, Payment, Refund, RefundReport, RefundState
from shared.payments.ports import Intent, IntentRequest, WebhookEvent
from tests.fakes.payments import Bill, FakeGateway
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire

WEBHOOK_ATTEMPTS = 4
WEBHOOK_PAUSE_S = 15.0
REJECTIONS = 2
"""A bank rejects a refund at most this many times."""
SendWebhook = Callable[[WebhookEvent], Awaitable[bool]]


class SimulatedGateway:
    """See `PaymentGateway`; `watch` is called with each new bill."""

    def __init__(
        self,
        wire: Wire,
        faults: Faults,
        chance: random.Random,
        send: SendWebhook,
        watch: Callable[[Bill], None],
    ) -> None:
        self.down = False
        self.inner = FakeGateway()
        self.captured_at: dict[str, float] = {}
        self._wire, self._faults, self._chance = wire, faults, chance
        self._send, self._watch = send, watch
        self._rejected = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def create_intent(self, request: IntentRequest) -> Intent:
        return await self._wire.write(
            "gateway.create_intent", lambda: self._create(request), GatewayUnavailable
        )

    async def fetch(self, payment: Payment) -> Charge:
        return await self._wire.read(
            "gateway.fetch", lambda: self._up(self.inner.fetch(payment)), GatewayUnavailable
        )

    async def refund(self, refund: Refund) -> RefundReport:
        return await self._wire.write("gateway.refund", lambda: self._refund(refund), GatewayUnavailable)

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        return await self._wire.read(
            "gateway.fetch_refund", lambda: self._up(self.inner.fetch_refund(refund)), GatewayUnavailable
        )

    def pay(self, link: str) -> None:
        """Pay a link as the customer; the bank captures, fails, or captures later."""
        if self._faults.strikes("charge-failed"):
            self.inner.decline(link)
            if self._faults.strikes("charge-late"):
                self._later(self._chance.uniform(5, 120), self.inner.pay, link)
        elif self._faults.strikes("charge-late"):
            self.inner.authorise(link)
            self._later(self._chance.uniform(5, 90), self.inner.pay, link)
        else:
            self.inner.pay(link, self._unmatched_amount() if self._faults.strikes("charge-odd") else None)
        self._notify()

    def _unmatched_amount(self) -> Money:
        """Return an unmatched amount: too small, too large, or of another currency."""
        return Money(self._chance.choice((1, 777, 5_000_000)), self._chance.choice(("INR", "USD")))

    async def _create(self, request: IntentRequest) -> Intent:
        self._check_up()
        self.inner.declines = 1 if self._faults.strikes("gateway-declined") else 0
        known = set(self.inner.bills)
        intent = await self.inner.create_intent(request)
        for name in self.inner.bills.keys() - known:
            self._watch(self.inner.bills[name])
        return intent

    async def _refund(self, refund: Refund) -> RefundReport:
        self._check_up()
        known = set(self.inner.refunds)
        self.inner.next_refund = self._fate()
        report = await self.inner.refund(refund)
        if report.gateway_refund_id not in known and report.state is RefundState.PENDING:
            end = self._fate(pending=False)
            self._later(self._chance.uniform(2, 100), self.inner.finish_refund, report.gateway_refund_id, end)
        self._notify()
        return report

    def _fate(self, pending: bool = True) -> RefundState:
        if pending and self._faults.strikes("refund-pending"):
            return RefundState.PENDING
        if self._rejected < REJECTIONS and self._faults.strikes("refund-rejected"):
            self._rejected += 1
            return RefundState.FAILED
        return RefundState.PROCESSED

    async def _up(self, answer: Coroutine[Any, Any, Any]) -> Any:
        if self.down:
            answer.close()
            raise GatewayUnavailable
        return await answer

    def _check_up(self) -> None:
        if self.down:
            raise GatewayUnavailable

    def _later(self, seconds: float, act: Callable[..., None], *what: object) -> None:
        def now() -> None:
            act(*what)
            self._notify()

        asyncio.get_running_loop().call_later(seconds, now)

    def _notify(self) -> None:
        for bill in self.inner.bills.values():
            if bill.charge.state.value == "captured":
                name = bill.charge.gateway_payment_id
                self.captured_at.setdefault(name, asyncio.get_running_loop().time())
        webhooks, self.inner.webhooks = self.inner.webhooks, []
        for event in webhooks:
            if self._faults.strikes("webhook-lost"):
                continue
            copies = 2 if self._faults.strikes("webhook-duplicated") else 1
            for _ in range(copies):
                task = asyncio.get_running_loop().create_task(self._deliver(event))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: WebhookEvent) -> None:
        late = self._faults.strikes("webhook-delayed")
        await asyncio.sleep(self._chance.uniform(5, 150) if late else self._chance.expovariate(3))
        for _ in range(WEBHOOK_ATTEMPTS):
            if await self._send(event):
                return
            await asyncio.sleep(WEBHOOK_PAUSE_S)
