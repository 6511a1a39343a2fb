"""Refunds of the payment gateway."""

from __future__ import annotations

import asyncio

from tests.emulators.shop import Shop, reason
from tests.emulators.webhook_receiver import WebhookReceiver


class TestRefunds:
    async def test_a_refund_without_an_amount_is_in_full(self, shop: Shop, receiver: WebhookReceiver) -> None:
        payment_id = await shop.paid()
        refund = (await shop.refund(payment_id, notes={"why": "late"}, receipt="r1")).json()
        assert (refund["amount"], refund["status"], refund["notes"]) == (1234, "processed", {"why": "late"})
        payment = await shop.get(f"/v1/payments/{payment_id}")
        assert (payment["status"], payment["refund_status"]) == ("refunded", "full")
        assert await shop.get(f"/v1/refunds/{refund['id']}") == refund
        webhook = (await receiver.first("refund.processed")).body
        assert webhook["contains"] == ["payment", "refund"]
        assert webhook["payload"]["refund"]["entity"] == refund
        assert webhook["payload"]["payment"]["entity"] == payment

    async def test_refunds_never_exceed_the_captured_amount(self, shop: Shop) -> None:
        payment_id = await shop.paid()
        answers = await asyncio.gather(*(shop.refund(payment_id, amount=500) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 400, 400, 400]
        assert (await shop.refund(payment_id)).json()["amount"] == 234
        answer = await shop.refund(payment_id, amount=100)
        assert (answer.status_code, reason(answer)) == (400, "fully_refunded")
        listed = await shop.get(f"/v1/payments/{payment_id}/refunds")
        assert sum(refund["amount"] for refund in listed["items"]) == 1234

    async def test_a_payment_that_was_not_captured_cannot_be_refunded(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        assert reason(await shop.refund(payment_id)) == "not_captured"
        await shop.pay(link, approve=False)
        assert reason(await shop.refund(payment_id)) == "not_captured"

    async def test_a_held_refund_is_pending_and_reserves_its_amount(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        payment_id = await shop.paid()
        await shop.script("refund", "hold")
        refund = (await shop.refund(payment_id, amount=1000)).json()
        assert refund["status"] == "pending"
        assert reason(await shop.refund(payment_id, amount=300)) == "refund_too_large"
        settle = f"/_control/refunds/{refund['id']}/settle"
        assert (await shop.post(settle, {"outcome": "processed"})).json()["status"] == "processed"
        await receiver.first("refund.processed")
        assert (await shop.post(settle, {"outcome": "failed"})).status_code == 409

    async def test_a_failed_refund_releases_its_amount(self, shop: Shop, receiver: WebhookReceiver) -> None:
        payment_id = await shop.paid()
        await shop.script("refund", "decline")
        assert (await shop.refund(payment_id, "first")).json()["status"] == "failed"
        webhook = (await receiver.first("refund.failed")).body["payload"]
        assert webhook["refund"]["entity"]["status"] == "failed"
        assert (webhook["payment"]["entity"]["status"], webhook["payment"]["entity"]["amount_refunded"]) == (
            "captured",
            0,
        )
        assert (await shop.refund(payment_id, "second")).json()["status"] == "processed"
