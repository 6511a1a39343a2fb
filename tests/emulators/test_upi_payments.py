"""Payment links of the gateway: paid, declined, expired."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.emulators.fake_clock import FakeClock
from tests.emulators.shop import INTENT_SECONDS, Shop, payment_body, reason
from tests.emulators.webhook_receiver import WebhookReceiver


class TestIntents:
    async def test_a_payment_gives_a_link_with_the_amount_in_rupees(self, shop: Shop) -> None:
        payment_id, link = await shop.intent(amount=120005)
        parts = urlsplit(link)
        fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert (parts.scheme, parts.netloc) == ("upi", "pay")
        assert (fields["am"], fields["cu"], fields["tr"]) == ("1200.05", "INR", payment_id)
        assert fields["tn"] == "Dosa & chai"
        assert fields["pa"]
        assert fields["pn"]

    async def test_a_payment_of_another_amount_than_its_order_is_refused(self, shop: Shop) -> None:
        body = payment_body(await shop.order(1234), amount=1235)
        answer = await shop.post("/v1/payments/create/upi", body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "amount")

    async def test_an_order_lists_its_attempts(self, shop: Shop) -> None:
        order_id = await shop.order()
        first, _ = await shop.intent(order_id)
        second, _ = await shop.intent(order_id)
        listed = await shop.get(f"/v1/orders/{order_id}/payments")
        assert [payment["id"] for payment in listed["items"]] == [first, second]
        order = await shop.get(f"/v1/orders/{order_id}")
        assert (order["status"], order["attempts"]) == ("attempted", 2)

    async def test_an_unanswered_intent_expires_and_the_merchant_is_notified(
        self, shop: Shop, clock: FakeClock, receiver: WebhookReceiver
    ) -> None:
        payment_id, link = await shop.intent()
        await clock.until_asleep_for(INTENT_SECONDS)
        clock.advance(timedelta(seconds=INTENT_SECONDS))
        webhook = (await receiver.first("payment.failed")).body["payload"]["payment"]["entity"]
        assert (webhook["id"], webhook["error_reason"]) == (payment_id, "payment_timed_out")
        answer = await shop.pay(link)
        assert (answer.status_code, reason(answer)) == (410, "expired")

    async def test_a_paid_payment_does_not_expire(
        self, shop: Shop, clock: FakeClock, receiver: WebhookReceiver
    ) -> None:
        payment_id = await shop.paid()
        other_id, _ = await shop.intent()
        await clock.until_asleep_for(INTENT_SECONDS)
        clock.advance(timedelta(seconds=INTENT_SECONDS))
        webhook = await receiver.first("payment.failed")
        assert webhook.body["payload"]["payment"]["entity"]["id"] == other_id
        assert (await shop.get(f"/v1/payments/{payment_id}"))["status"] == "captured"

    async def test_a_test_can_let_one_intent_expire_at_once(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        await shop.post(f"/_control/payments/{payment_id}/expire", {})
        assert (await shop.pay(link)).status_code == 410


class TestUpiApp:
    async def test_approving_captures_the_payment_and_pays_the_order(self, shop: Shop) -> None:
        order_id = await shop.order()
        payment_id, link = await shop.intent(order_id)
        answer = await shop.pay(link)
        assert answer.json() == {"payment_id": payment_id, "status": "captured", "reason": None}
        payment = await shop.get(f"/v1/payments/{payment_id}")
        assert (payment["status"], payment["captured"], payment["order_id"]) == ("captured", True, order_id)
        order = await shop.get(f"/v1/orders/{order_id}")
        assert (order["status"], order["amount_paid"], order["amount_due"]) == ("paid", 1234, 0)

    async def test_declining_fails_the_payment_and_lets_the_order_be_paid_again(self, shop: Shop) -> None:
        order_id = await shop.order()
        payment_id, link = await shop.intent(order_id)
        assert (await shop.pay(link, approve=False)).json()["status"] == "failed"
        payment = await shop.get(f"/v1/payments/{payment_id}")
        assert (payment["status"], payment["error_reason"]) == ("failed", "payment_cancelled")
        answer = await shop.pay(link)
        assert (answer.status_code, reason(answer)) == (409, "already_failed")
        _, second = await shop.intent(order_id)
        assert (await shop.pay(second)).json()["status"] == "captured"

    async def test_an_intent_paid_ten_times_concurrently_is_paid_once(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        _, link = await shop.intent()
        answers = await asyncio.gather(*(shop.pay(link) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
        assert reason(max(answers, key=lambda answer: answer.status_code)) == "already_paid"
        events = [webhook["event"] for webhook in (await shop.get("/_control/state"))["webhooks"]]
        assert sorted(events) == ["payment.authorized", "payment.captured"]

    async def test_an_order_is_paid_once_however_many_intents_it_has(self, shop: Shop) -> None:
        order_id = await shop.order()
        _, first = await shop.intent(order_id)
        _, second = await shop.intent(order_id)
        assert (await shop.pay(first)).status_code == 200
        answer = await shop.pay(second)
        assert (answer.status_code, reason(answer)) == (409, "order_already_paid")
        third = await shop.post("/v1/payments/create/upi", payment_body(order_id))
        assert (third.status_code, reason(third)) == (400, "order_already_paid")

    @pytest.mark.parametrize(
        ("link", "status"),
        [
            ("https://pay?tr=x", 400),
            ("upi://pay?am=1", 400),
            ("upi://[", 400),
            ("upi://pay?tr=pay_unknown", 404),
        ],
    )
    async def test_an_unknown_link_is_refused(self, shop: Shop, link: str, status: int) -> None:
        assert (await shop.pay(link)).status_code == status

    async def test_a_link_with_another_amount_is_refused(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        answer = await shop.pay(link.replace("am=12.34", "am=1.00"))
        assert (answer.status_code, reason(answer)) == (400, "altered_link")
        assert (await shop.get(f"/v1/payments/{payment_id}"))["status"] == "created"
