"""A shop that sells through the UPI gateway, and the endpoint that takes the gateway's webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from emulators.providers.upi.server import UpiProvider
from tests.emulators.fake_clock import FakeClock
from tests.emulators.webhook_receiver import WebhookReceiver
from tests.patience import HANG_SECONDS

AUTH = ("rzp_test_key", "key-secret")
WEBHOOK_SECRET = "webhook-secret"
TIMEOUT = httpx.Timeout(HANG_SECONDS)
INTENT_SECONDS = 900
NO_AUTH = httpx.Auth()


class Shop:
    """A merchant's server, and the customer's phone, under control of the test."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        return await self.client.post(path, json=body, headers={"Idempotency-Key": key} if key else None)

    async def get(self, path: str) -> Any:
        return (await self.client.get(path)).json()

    async def order(self, amount: int = 1234, **changes: Any) -> str:
        answer = await self.post("/v1/orders", order_body(amount=amount, **changes))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def intent(self, order_id: str | None = None, amount: int = 1234) -> tuple[str, str]:
        """Return a payment's id and link."""
        body = payment_body(order_id or await self.order(amount), amount=amount)
        answer = await self.post("/v1/payments/create/upi", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["razorpay_payment_id"], answer.json()["link"]

    async def pay(self, link: str, approve: bool = True) -> httpx.Response:
        return await self.client.post("/upi/app/pay", json={"link": link, "approve": approve}, auth=NO_AUTH)

    async def paid(self, amount: int = 1234) -> str:
        """Return the id of a captured payment."""
        payment_id, link = await self.intent(amount=amount)
        assert (await self.pay(link)).json()["status"] == "captured"
        return payment_id

    async def refund(self, payment_id: str, key: str | None = None, **body: Any) -> httpx.Response:
        return await self.post(f"/v1/payments/{payment_id}/refund", body, key)

    async def script(self, target: str, action: str, **rule: Any) -> None:
        answer = await self.post("/_control/script", {"target": target, "action": action, **rule})
        assert answer.status_code == 201, answer.text

    async def webhook(self, event: str) -> dict[str, Any]:
        """Return the record of the one webhook of this name."""
        state = await self.get("/_control/state")
        [found] = [webhook for webhook in state["webhooks"] if webhook["event"] == event]
        return dict(found)

    async def webhook_once(self, event: str, status: str) -> dict[str, Any]:
        """Return the record as soon as it has this status; the receiver is ahead of the sender."""
        while (record := await self.webhook(event))["status"] != status:
            continue
        return record


def order_body(**changes: Any) -> dict[str, Any]:
    return {"amount": 1234, "currency": "INR", "receipt": "ord_1", "notes": {"order": "ord_1"}} | changes


def payment_body(order_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "amount": 1234,
        "currency": "INR",
        "order_id": order_id,
        "method": "upi",
        "upi": {"flow": "intent"},
        "contact": "+919900000001",
        "email": "asha@example.com",
        "notes": {"payment": "pay_1"},
        "description": "Dosa & chai",
    } | changes


def reason(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["reason"])


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def provider(clock: FakeClock, receiver: WebhookReceiver) -> AsyncIterator[UpiProvider]:
    provider = UpiProvider(0, *AUTH, WEBHOOK_SECRET, receiver.url, intent_seconds=INTENT_SECONDS, clock=clock)
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def shop(provider: UpiProvider) -> AsyncIterator[Shop]:
    async with httpx.AsyncClient(
        base_url=provider.url, auth=AUTH, timeout=TIMEOUT, trust_env=False
    ) as client:
        yield Shop(client)
