"""The webhooks of the payment gateway."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest

from emulators.providers.upi.webhooks import MAX_WEBHOOKS, Webhook, WebhookLog, backoff_seconds
from tests.emulators.fake_clock import FakeClock
from tests.emulators.shop import WEBHOOK_SECRET, Shop
from tests.emulators.webhook_receiver import WebhookReceiver


class TestWebhooks:
    async def test_a_capture_is_sent_with_a_signature_of_the_exact_bytes(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        payment_id = await shop.paid()
        delivery = await receiver.first("payment.captured")
        expected = hmac.new(WEBHOOK_SECRET.encode(), delivery.raw, hashlib.sha256).hexdigest()
        assert delivery.headers["x-razorpay-signature"] == expected
        body = delivery.body
        assert (body["entity"], body["contains"]) == ("event", ["payment"])
        assert body["payload"]["payment"]["entity"] == await shop.get(f"/v1/payments/{payment_id}")
        authorized = await receiver.first("payment.authorized")
        assert authorized.body["payload"]["payment"]["entity"]["status"] == "authorized"
        assert authorized.event_id != delivery.event_id

    async def test_a_refused_webhook_is_retried_after_a_doubling_pause(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        receiver.answers.extend([500, 302, 404])
        await shop.paid()
        for pause in (0.2, 0.4, 0.8):
            await clock.until_asleep_for(pause)
            clock.advance(timedelta(seconds=pause))
        deliveries = await receiver.after(4)
        assert len({(delivery.event_id, delivery.raw) for delivery in deliveries}) == 1
        record = await shop.webhook_once("payment.captured", "delivered")
        assert [attempt["status"] for attempt in record["attempts"]] == [500, 302, 404, 200]

    def test_the_pause_doubles_up_to_ten_seconds(self) -> None:
        assert [backoff_seconds(failures) for failures in (1, 2, 3, 6, 7, 10_000)] == pytest.approx(
            [0.2, 0.4, 0.8, 6.4, 10, 10]
        )

    async def test_a_receiver_that_starts_late_gets_its_webhooks(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        port = receiver.port
        await receiver.stop()
        await shop.paid()
        await clock.until_asleep_for(0.2)
        assert (await shop.webhook("payment.captured"))["attempts"][0]["error"] == "ConnectError"
        late = WebhookReceiver(port)
        await late.start()
        clock.advance(timedelta(seconds=0.2))
        await late.first("payment.captured")
        await late.stop()

    async def test_delivery_is_given_up_after_a_day(
        self, shop: Shop, receiver: WebhookReceiver, clock: FakeClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        receiver.answers.extend([500, 500])
        await shop.paid()
        await clock.until_asleep_for(0.2)
        clock.advance(timedelta(seconds=24 * 3600))
        event_id = (await shop.webhook_once("payment.captured", "given_up"))["event_id"]
        redelivered = await shop.post(f"/_control/webhooks/{event_id}/redeliver", {})
        assert redelivered.json()["status"] == 200

    async def test_a_hanging_delivery_blocks_no_other(self, shop: Shop, receiver: WebhookReceiver) -> None:
        receiver.holds = lambda delivery: delivery.event == "payment.authorized"
        await shop.paid()
        await receiver.first("payment.authorized")
        await receiver.first("payment.captured")

    async def test_a_redelivery_repeats_id_and_bytes(self, shop: Shop, receiver: WebhookReceiver) -> None:
        await shop.paid()
        first = await receiver.first("payment.captured")
        await receiver.after(2)
        assert (await shop.post(f"/_control/webhooks/{first.event_id}/redeliver", {})).json()["status"] == 200
        again = (await receiver.after(3))[2]
        assert (again.event_id, again.raw) == (first.event_id, first.raw)

    async def test_a_sent_webhook_can_be_looked_up_byte_for_byte(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        await shop.paid()
        sent = await receiver.first("payment.captured")
        shown = await shop.get(f"/_control/webhooks/{sent.event_id}")
        assert shown["body"].encode() == sent.raw
        assert {
            name.lower(): value for name, value in shown["headers"].items()
        }.items() <= sent.headers.items()
        assert (await shop.client.get("/_control/webhooks/evt_unknown")).status_code == 404

    def test_only_the_last_ten_thousand_webhooks_are_stored(self) -> None:
        log = WebhookLog()
        for number in range(MAX_WEBHOOKS + 1):
            log.add(Webhook(f"evt_{number}", "payment.captured", "pay_1", b"", "", 0.0))
        assert len(list(log.all())) == MAX_WEBHOOKS
        assert log.find("evt_0") is None
