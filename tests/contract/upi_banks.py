"""The customer's and the bank's side of the fake, the simulated and the emulated gateway."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import httpx

from shared.adapters.gateways.upi import UpiGateway
from shared.adapters.gateways.upi_webhooks import SIGNATURE, UpiWebhooks
from shared.payments.domain import Payment, Refund, RefundState, refund_id
from shared.payments.ports import PaymentGateway, WebhookEvent
from tests.contract.simulated import Instant, Script, wire
from tests.fakes.payments import FakeGateway
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.scenario import Fault

KEY, SECRET, WEBHOOK_SECRET = "rzp_test_key", "key-secret", "webhook-secret"
TARGETS = {"create_intent": "create_payment", "refund": "refund", "fetch": "read", "fetch_refund": "read"}
"""The names of our calls in the emulator's scripts."""


class Bank(Protocol):
    """The customer's and the bank's side of a gateway, with its faults."""

    gateway: PaymentGateway

    async def pay(self, link: str) -> None: ...
    async def decline(self, link: str) -> None: ...
    async def hold_refund(self) -> None: ...
    async def finish_refund(self, gateway_refund_id: str, state: RefundState) -> None: ...
    async def fail(self, call: str) -> None: ...
    async def lose_answer(self, call: str) -> None: ...
    async def decline_request(self) -> None: ...
    async def payments(self) -> int: ...
    async def refunded(self) -> int: ...
    async def webhooks(self) -> list[WebhookEvent]: ...


class FakeBank:
    """The bank of the fake."""

    def __init__(self) -> None:
        self.fake = FakeGateway()
        self.gateway: PaymentGateway = self.fake

    async def pay(self, link: str) -> None:
        self.fake.pay(link)

    async def decline(self, link: str) -> None:
        self.fake.decline(link)

    async def hold_refund(self) -> None:
        self.fake.next_refund = RefundState.PENDING

    async def finish_refund(self, gateway_refund_id: str, state: RefundState) -> None:
        self.fake.finish_refund(gateway_refund_id, state)

    async def fail(self, call: str) -> None:
        self.fake.down.append(call)

    async def lose_answer(self, call: str) -> None:
        self.fake.lost.append(call)

    async def decline_request(self) -> None:
        self.fake.declines += 1

    async def payments(self) -> int:
        return len(self.fake.bills)

    async def refunded(self) -> int:
        return self.fake.refunded_total()

    async def webhooks(self) -> list[WebhookEvent]:
        return self.fake.webhooks


class SimulatedBank:
    """The bank of the simulation; its webhooks arrive at once."""

    def __init__(self) -> None:
        self.script = Script()
        self._events: list[WebhookEvent] = []
        self._simulated = SimulatedGateway(
            wire(self.script), self.script, Instant(), self._tell, lambda bill: None
        )
        self.gateway: PaymentGateway = self._simulated

    async def pay(self, link: str) -> None:
        self._simulated.pay(link)

    async def decline(self, link: str) -> None:
        self.script.strike("charge-failed")
        self._simulated.pay(link)

    async def hold_refund(self) -> None:
        self.script.strike("refund-pending")

    async def finish_refund(self, gateway_refund_id: str, state: RefundState) -> None:
        self._simulated.inner.finish_refund(gateway_refund_id, state)
        self._simulated._notify()

    async def fail(self, call: str) -> None:
        kind = "read-failed" if call.startswith("fetch") else Fault.LOST
        self.script.strike(kind, f"gateway.{call}")

    async def lose_answer(self, call: str) -> None:
        self.script.strike(Fault.AMBIGUOUS, f"gateway.{call}")

    async def decline_request(self) -> None:
        self.script.strike("gateway-declined")

    async def payments(self) -> int:
        return len(self._simulated.inner.bills)

    async def refunded(self) -> int:
        return self._simulated.inner.refunded_total()

    async def webhooks(self) -> list[WebhookEvent]:
        await asyncio.gather(*self._simulated._tasks)
        return self._events

    async def _tell(self, event: WebhookEvent) -> bool:
        self._events.append(event)
        return True


class EmulatedBank:
    """The emulator's phone and control routes. A client with a short timeout loses its answers."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.gateway: PaymentGateway = UpiGateway(client)

    async def pay(self, link: str) -> None:
        await self._post("/upi/app/pay", link=link, approve=True)

    async def decline(self, link: str) -> None:
        await self._post("/upi/app/pay", link=link, approve=False)

    async def hold_refund(self) -> None:
        await self._script("refund", "hold")

    async def finish_refund(self, gateway_refund_id: str, state: RefundState) -> None:
        await self._post(f"/_control/refunds/{gateway_refund_id}/settle", outcome=state.value)

    async def fail(self, call: str) -> None:
        await self._script(TARGETS[call], "fail")

    async def lose_answer(self, call: str) -> None:
        await self._script(TARGETS[call], "timeout")

    async def decline_request(self) -> None:
        await self._script("create_payment", "decline")

    async def payments(self) -> int:
        return len((await self.state())["payments"])

    async def refunded(self) -> int:
        return sum(payment["amount_refunded"] for payment in (await self.state())["payments"])

    async def webhooks(self) -> list[WebhookEvent]:
        reader = UpiWebhooks([WEBHOOK_SECRET])
        read = [reader.read(raw, {SIGNATURE: signed}) for raw, signed in await self.raw_webhooks()]
        return [event for event in read if event is not None]

    async def raw_webhooks(self) -> list[tuple[bytes, str]]:
        """Return body and signature of every webhook to be delivered."""
        ids = [webhook["event_id"] for webhook in (await self.state())["webhooks"]]
        sent = [(await self._client.get(f"/_control/webhooks/{id_}")).json() for id_ in ids]
        return [(one["body"].encode(), one["headers"]["X-Razorpay-Signature"]) for one in sent]

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self._client.get("/_control/state")).json()
        return found

    def forget_keys(self) -> None:
        """Send no idempotency keys from now on: the provider keeps them for a day only."""

        async def strip(request: httpx.Request) -> None:
            for name in ("Idempotency-Key", "X-Refund-Idempotency"):
                request.headers.pop(name, None)

        self._client.event_hooks = {"request": [strip]}

    async def script(self, target: str, action: str) -> None:
        await self._script(target, action)

    async def _script(self, target: str, action: str) -> None:
        await self._post("/_control/script", target=target, action=action)

    async def _post(self, path: str, **body: Any) -> None:
        (await self._client.post(path, json=body)).raise_for_status()


def refund_of(payment: Payment, attempt: int = 1) -> Refund:
    """Return the n-th refund of a whole payment."""
    return Refund(
        id=refund_id(payment.id, attempt),
        payment_id=payment.id,
        subject_ref=payment.subject_ref,
        customer_id="asha",
        attempt=attempt,
        amount=payment.amount,
        reason="order_cancelled",
        state=RefundState.PENDING,
        gateway_payment_id=payment.gateway_payment_id,
        created_at=payment.created_at,
    )
