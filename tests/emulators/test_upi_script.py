"""The scripted faults of the payment gateway."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.emulators.fake_clock import FakeClock
from tests.emulators.shop import Shop, order_body, payment_body, reason
from tests.emulators.webhook_receiver import WebhookReceiver


class TestScriptedRequests:
    async def test_a_failing_gateway_is_503_and_changes_nothing(self, shop: Shop) -> None:
        await shop.script("create", "fail", times=2)
        for _ in range(2):
            answer = await shop.post("/v1/orders", order_body(), "key")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVER_ERROR")
            assert answer.headers["Retry-After"] == "1"
        assert (await shop.get("/_control/state"))["orders"] == []
        assert (await shop.post("/v1/orders", order_body(), "key")).status_code == 200

    async def test_a_timed_out_payment_was_made_and_a_retry_finds_it(
        self, shop: Shop, clock: FakeClock
    ) -> None:
        body = payment_body(await shop.order())
        await shop.script("create_payment", "timeout", delay_seconds=45)
        unanswered = asyncio.create_task(shop.post("/v1/payments/create/upi", body, "key"))
        await clock.until_asleep_for(45)
        retried = await shop.post("/v1/payments/create/upi", body, "key")
        assert not unanswered.done()
        clock.advance(timedelta(seconds=45))
        assert (await unanswered).json() == retried.json()
        assert len((await shop.get("/_control/state"))["payments"]) == 1

    async def test_a_dropped_request_is_cut_off_and_not_applied(self, shop: Shop) -> None:
        await shop.script("create", "drop")
        with pytest.raises(httpx.TransportError):
            await shop.post("/v1/orders", order_body())
        assert (await shop.get("/_control/state"))["orders"] == []

    async def test_a_delayed_request_is_applied_late(self, shop: Shop, clock: FakeClock) -> None:
        await shop.script("create", "delay", delay_seconds=3)
        waiting = asyncio.create_task(shop.post("/v1/orders", order_body()))
        await clock.until_asleep_for(3)
        assert (await shop.get("/_control/state"))["orders"] == []
        clock.advance(timedelta(seconds=3))
        assert (await waiting).status_code == 200

    async def test_a_declined_creation_stays_declined_under_its_key(self, shop: Shop) -> None:
        body = payment_body(await shop.order())
        await shop.script("create_payment", "decline")
        for _ in range(2):
            answer = await shop.post("/v1/payments/create/upi", body, "key")
            assert (answer.status_code, reason(answer)) == (400, "payment_declined")
        assert (await shop.post("/v1/payments/create/upi", body, "other")).status_code == 200

    async def test_a_bank_can_decline_an_approved_payment(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        await shop.script("pay", "decline")
        _, link = await shop.intent()
        answer = (await shop.pay(link)).json()
        assert (answer["status"], answer["reason"]) == ("failed", "payment_declined")
        await receiver.first("payment.failed")

    async def test_reading_fails_too_when_the_gateway_is_down(self, shop: Shop) -> None:
        order_id = await shop.order()
        await shop.script("read", "fail")
        assert (await shop.client.get(f"/v1/orders/{order_id}")).status_code == 503
        assert (await shop.client.get(f"/v1/orders/{order_id}")).status_code == 200

    async def test_a_fault_applies_only_to_matching_requests(self, shop: Shop) -> None:
        await shop.script("create", "fail", times=None, match={"notes": {"order": "ord_2"}})
        assert (await shop.post("/v1/orders", order_body())).status_code == 200
        assert (await shop.post("/v1/orders", order_body(notes={"order": "ord_2"}))).status_code == 503
        await shop.script("create", "decline", match={"receipt": "ord_1"})
        assert (await shop.post("/v1/orders", order_body())).status_code == 400

    async def test_a_reset_ends_every_fault(self, shop: Shop) -> None:
        await shop.script("create", "fail", times=None)
        await shop.client.delete("/_control/script")
        assert (await shop.post("/v1/orders", order_body())).status_code == 200

    async def test_a_malformed_request_uses_up_no_fault(self, shop: Shop) -> None:
        await shop.script("create", "fail")
        assert (await shop.post("/v1/orders", order_body(amount=1))).status_code == 400
        assert (await shop.post("/v1/orders", order_body())).status_code == 503

    @pytest.mark.parametrize(
        "rule",
        [
            {"target": "cards", "action": "fail"},
            {"target": "pay", "action": "reorder"},
            {"target": "webhook", "action": "decline"},
            {"target": "create", "action": "explode"},
            {"target": "create", "action": "fail", "times": -1},
            {"target": "create", "action": "delay", "delay_seconds": 1e300},
        ],
    )
    async def test_an_unsupported_fault_is_refused(self, shop: Shop, rule: dict[str, Any]) -> None:
        answer = await shop.post("/_control/script", rule)
        assert (answer.status_code, reason(answer)) == (400, "bad_script")


class TestScriptedWebhooks:
    async def test_a_dropped_webhook_never_arrives_unless_redelivered(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        await shop.script("webhook", "drop", times=None, match={"event": "payment.captured"})
        await shop.paid()
        await receiver.first("payment.authorized")
        record = await shop.webhook("payment.captured")
        assert (record["status"], record["attempt_count"]) == ("dropped", 0)
        await shop.post(f"/_control/webhooks/{record['event_id']}/redeliver", {})
        assert (await receiver.after(2))[1].event == "payment.captured"

    async def test_a_duplicated_webhook_arrives_twice_with_one_id(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        await shop.script("webhook", "duplicate", match={"event": "payment.captured"})
        await shop.paid()
        one, other = await receiver.after(2)
        assert (one.event_id, one.raw) == (other.event_id, other.raw)

    async def test_a_reordered_webhook_waits_until_the_next_has_been_accepted(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "reorder", match={"event": "payment.authorized"})
        receiver.answers.append(500)
        await shop.paid()
        await clock.until_asleep_for(0.2)
        assert (await shop.webhook("payment.authorized"))["status"] == "held"
        clock.advance(timedelta(seconds=0.2))
        deliveries = await receiver.after(3)
        assert [delivery.event for delivery in deliveries] == ["payment.captured"] * 2 + [
            "payment.authorized"
        ]

    async def test_an_older_webhook_does_not_overtake(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "fail", match={"event": "payment.authorized"})
        await shop.script("webhook", "reorder", match={"event": "refund.processed"})
        payment_id = await shop.paid()
        await shop.refund(payment_id)
        await clock.until_asleep_for(0.2)
        clock.advance(timedelta(seconds=0.2))
        await shop.webhook_once("payment.authorized", "delivered")
        assert (await shop.webhook("refund.processed"))["status"] == "held"
        await shop.paid()
        await receiver.first("refund.processed")

    async def test_constant_reordering_swaps_pairs_and_holds_nothing_back(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        await shop.script("webhook", "reorder", times=None)
        payment_id = await shop.paid()
        await receiver.after(2)
        await shop.refund(payment_id, amount=100)
        await shop.refund(payment_id, amount=100)
        assert len(await receiver.after(4)) == 4

    async def test_a_delayed_webhook_arrives_at_its_time(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "delay", delay_seconds=60, match={"event": "payment.captured"})
        await shop.paid()
        await clock.until_asleep_for(60)
        await receiver.first("payment.authorized")
        assert (await shop.webhook("payment.captured"))["attempt_count"] == 0
        clock.advance(timedelta(seconds=60))
        await receiver.first("payment.captured")

    async def test_a_webhook_whose_answer_is_lost_is_sent_again(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        await shop.script("webhook", "timeout")
        await shop.paid()
        await clock.until_asleep_for(0.2)
        clock.advance(timedelta(seconds=0.2))
        one, other = await receiver.after(2)
        assert one.event_id == other.event_id

    async def test_a_webhook_that_fails_once_is_sent_after_the_pause(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "fail", match={"event": "payment.captured"})
        await shop.paid()
        await clock.until_asleep_for(0.2)
        await receiver.first("payment.authorized")
        assert len(receiver.deliveries) == 1
        clock.advance(timedelta(seconds=0.2))
        await receiver.first("payment.captured")
