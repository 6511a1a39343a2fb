"""What the payment gateway promises a merchant, a customer, and a test that wants trouble."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from emulators.providers.upi.server import UpiProvider
from emulators.providers.upi.webhooks import KEPT_WEBHOOKS, Webhook, WebhookLog, backoff_seconds
from tests.emulators.manual_clock import ManualClock
from tests.emulators.webhook_receiver import WebhookReceiver

AUTH = ("rzp_test_key", "key-secret")
WEBHOOK_SECRET = "webhook-secret"
TIMEOUT = httpx.Timeout(10.0)
INTENT_SECONDS = 900


class Shop:
    """A merchant's server, and the customer's phone, as a test plays them."""

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
        """A payment's id and link."""
        body = payment_body(order_id or await self.order(amount), amount=amount)
        answer = await self.post("/v1/payments/create/upi", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["razorpay_payment_id"], answer.json()["link"]

    async def pay(self, link: str, approve: bool = True) -> httpx.Response:
        return await self.client.post("/upi/app/pay", json={"link": link, "approve": approve}, auth=NO_AUTH)

    async def paid(self, amount: int = 1234) -> str:
        """The id of a captured payment."""
        payment_id, link = await self.intent(amount=amount)
        assert (await self.pay(link)).json()["status"] == "captured"
        return payment_id

    async def refund(self, payment_id: str, key: str | None = None, **body: Any) -> httpx.Response:
        return await self.post(f"/v1/payments/{payment_id}/refund", body, key)

    async def script(self, target: str, action: str, **rule: Any) -> None:
        answer = await self.post("/_control/script", {"target": target, "action": action, **rule})
        assert answer.status_code == 201, answer.text

    async def webhook(self, event: str) -> dict[str, Any]:
        """The record of the one webhook of this name."""
        state = await self.get("/_control/state")
        [found] = [webhook for webhook in state["webhooks"] if webhook["event"] == event]
        return dict(found)

    async def webhook_once(self, event: str, status: str) -> dict[str, Any]:
        """The record as soon as it has this status: the receiver knows of a delivery before the sender."""
        while (record := await self.webhook(event))["status"] != status:
            continue
        return record


NO_AUTH = httpx.Auth()


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


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def provider(clock: ManualClock, receiver: WebhookReceiver) -> AsyncIterator[UpiProvider]:
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


def reason(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["reason"])


class TestAuthentication:
    @pytest.mark.parametrize("auth", [NO_AUTH, ("rzp_test_key", "wrong"), ("other", "key-secret"), ("", "")])
    async def test_a_wrong_key_is_401_in_the_gateways_own_shape(
        self, shop: Shop, auth: httpx.Auth | tuple[str, str]
    ) -> None:
        answer = await shop.client.post("/v1/orders", json=order_body(), auth=auth)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"
        assert (await shop.get("/_control/state"))["orders"] == []

    async def test_a_header_that_is_not_base64_is_401(self, shop: Shop) -> None:
        headers = httpx.Headers({"Authorization": "Basic ä%"}, encoding="latin-1")
        request = shop.client.build_request("GET", "/v1/orders/x", headers=headers)
        assert (await shop.client.send(request, auth=NO_AUTH)).status_code == 401


class TestOrders:
    async def test_an_order_is_shown_as_it_was_made(self, shop: Shop) -> None:
        made = (await shop.post("/v1/orders", order_body())).json()
        assert (made["status"], made["amount_due"], made["receipt"]) == ("created", 1234, "ord_1")
        assert await shop.get(f"/v1/orders/{made['id']}") == made

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount", 99),
            ("amount", -100),
            ("amount", 100.5),
            ("amount", True),
            ("amount", "100"),
            ("currency", "USD"),
            ("receipt", "r" * 41),
            ("notes", {"n": 1}),
            ("colour", "red"),
        ],
    )
    async def test_a_bad_field_is_refused_by_name(self, shop: Shop, field: str, value: object) -> None:
        answer = await shop.post("/v1/orders", order_body() | {field: value})
        assert answer.status_code == 400
        assert answer.json()["error"]["field"].startswith(field)

    @pytest.mark.parametrize("raw", [b"{", b"[]", b'{"amount": NaN}', b"\xff", b""])
    async def test_a_body_that_is_no_object_is_refused(self, shop: Shop, raw: bytes) -> None:
        assert (await shop.client.post("/v1/orders", content=raw)).status_code == 400

    @pytest.mark.parametrize(
        "path", ["orders/x", "payments/x", "refunds/x", "orders/x/payments", "payments/x/refunds"]
    )
    async def test_an_unknown_id_is_400_as_at_razorpay(self, shop: Shop, path: str) -> None:
        answer = await shop.client.get(f"/v1/{path}")
        assert answer.status_code == 400
        assert answer.json()["error"]["description"] == "The id provided does not exist"

    async def test_an_unknown_path_is_404_in_the_gateways_own_shape(self, shop: Shop) -> None:
        answer = await shop.client.get("/v1/cards")
        assert (answer.status_code, reason(answer)) == (404, "no_such_route")


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

    async def test_an_unanswered_intent_expires_and_the_merchant_is_told(
        self, shop: Shop, clock: ManualClock, receiver: WebhookReceiver
    ) -> None:
        payment_id, link = await shop.intent()
        await clock.until_asleep_for(INTENT_SECONDS)
        clock.advance(INTENT_SECONDS)
        told = (await receiver.first("payment.failed")).body["payload"]["payment"]["entity"]
        assert (told["id"], told["error_reason"]) == (payment_id, "payment_timed_out")
        answer = await shop.pay(link)
        assert (answer.status_code, reason(answer)) == (410, "expired")

    async def test_a_paid_payment_does_not_expire(
        self, shop: Shop, clock: ManualClock, receiver: WebhookReceiver
    ) -> None:
        payment_id = await shop.paid()
        other_id, _ = await shop.intent()
        await clock.until_asleep_for(INTENT_SECONDS)
        clock.advance(INTENT_SECONDS)
        told = await receiver.first("payment.failed")
        assert told.body["payload"]["payment"]["entity"]["id"] == other_id
        assert (await shop.get(f"/v1/payments/{payment_id}"))["status"] == "captured"

    async def test_a_test_can_let_one_intent_expire_at_once(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        await shop.post(f"/_control/payments/{payment_id}/expire", {})
        assert (await shop.pay(link)).status_code == 410


class TestPhone:
    async def test_approving_captures_the_payment_and_pays_the_order(self, shop: Shop) -> None:
        order_id = await shop.order()
        payment_id, link = await shop.intent(order_id)
        answer = await shop.pay(link)
        assert answer.json() == {"payment_id": payment_id, "status": "captured", "reason": None}
        payment = await shop.get(f"/v1/payments/{payment_id}")
        assert (payment["status"], payment["captured"], payment["order_id"]) == ("captured", True, order_id)
        order = await shop.get(f"/v1/orders/{order_id}")
        assert (order["status"], order["amount_paid"], order["amount_due"]) == ("paid", 1234, 0)

    async def test_declining_fails_the_payment_and_leaves_the_order_payable(self, shop: Shop) -> None:
        order_id = await shop.order()
        payment_id, link = await shop.intent(order_id)
        assert (await shop.pay(link, approve=False)).json()["status"] == "failed"
        payment = await shop.get(f"/v1/payments/{payment_id}")
        assert (payment["status"], payment["error_reason"]) == ("failed", "payment_cancelled")
        answer = await shop.pay(link)
        assert (answer.status_code, reason(answer)) == (409, "already_failed")
        _, second = await shop.intent(order_id)
        assert (await shop.pay(second)).json()["status"] == "captured"

    async def test_an_intent_paid_by_ten_at_once_is_paid_once(
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
    async def test_a_link_that_we_never_gave_out_is_refused(self, shop: Shop, link: str, status: int) -> None:
        assert (await shop.pay(link)).status_code == status

    async def test_a_link_with_another_amount_is_refused(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        answer = await shop.pay(link.replace("am=12.34", "am=1.00"))
        assert (answer.status_code, reason(answer)) == (400, "altered_link")
        assert (await shop.get(f"/v1/payments/{payment_id}"))["status"] == "created"


class TestIdempotency:
    async def test_ten_equal_requests_at_once_have_one_effect_and_one_answer(self, shop: Shop) -> None:
        answers = await asyncio.gather(*(shop.post("/v1/orders", order_body(), "key") for _ in range(10)))
        assert len({answer.text for answer in answers}) == 1
        assert len((await shop.get("/_control/state"))["orders"]) == 1

    async def test_the_order_of_the_fields_does_not_make_another_body(self, shop: Shop) -> None:
        first = await shop.post("/v1/orders", order_body(), "key")
        again = await shop.post("/v1/orders", dict(reversed(order_body().items())), "key")
        assert again.json() == first.json()

    async def test_a_used_key_with_another_body_is_409(self, shop: Shop) -> None:
        await shop.post("/v1/orders", order_body(), "key")
        answer = await shop.post("/v1/orders", order_body(amount=500), "key")
        assert (answer.status_code, reason(answer)) == (409, "idempotency_key_reused")

    async def test_one_key_may_serve_an_order_and_its_payment(self, shop: Shop) -> None:
        order = (await shop.post("/v1/orders", order_body(), "key")).json()
        first = await shop.post("/v1/payments/create/upi", payment_body(order["id"]), "key")
        again = await shop.post("/v1/payments/create/upi", payment_body(order["id"]), "key")
        assert (first.status_code, again.json()) == (200, first.json())

    async def test_a_key_is_forgotten_after_a_day(self, shop: Shop, clock: ManualClock) -> None:
        first = (await shop.post("/v1/orders", order_body(), "key")).json()
        clock.advance(24 * 3600 - 1)
        assert (await shop.post("/v1/orders", order_body(), "key")).json() == first
        clock.advance(1)
        assert (await shop.post("/v1/orders", order_body(), "key")).json()["id"] != first["id"]

    async def test_a_refusal_is_not_kept(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        assert (await shop.refund(payment_id, "key")).status_code == 400
        await shop.pay(link)
        assert (await shop.refund(payment_id, "key")).status_code == 200

    async def test_a_refund_is_made_once_under_either_header(self, shop: Shop) -> None:
        payment_id = await shop.paid()
        path = f"/v1/payments/{payment_id}/refund"
        headers = {"X-Refund-Idempotency": "refund-key"}
        answers = [await shop.client.post(path, json={"amount": 500}, headers=headers) for _ in range(3)]
        answers.append(await shop.refund(payment_id, "refund-key", amount=500))
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert (await shop.get(f"/v1/payments/{payment_id}"))["amount_refunded"] == 500


class TestRefunds:
    async def test_a_refund_without_an_amount_gives_all_back(
        self, shop: Shop, receiver: WebhookReceiver
    ) -> None:
        payment_id = await shop.paid()
        refund = (await shop.refund(payment_id, notes={"why": "late"}, receipt="r1")).json()
        assert (refund["amount"], refund["status"], refund["notes"]) == (1234, "processed", {"why": "late"})
        payment = await shop.get(f"/v1/payments/{payment_id}")
        assert (payment["status"], payment["refund_status"]) == ("refunded", "full")
        assert await shop.get(f"/v1/refunds/{refund['id']}") == refund
        told = (await receiver.first("refund.processed")).body
        assert told["contains"] == ["payment", "refund"]
        assert told["payload"]["refund"]["entity"] == refund
        assert told["payload"]["payment"]["entity"] == payment

    async def test_refunds_never_exceed_what_was_captured(self, shop: Shop) -> None:
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

    async def test_a_failed_refund_gives_its_amount_back(self, shop: Shop, receiver: WebhookReceiver) -> None:
        payment_id = await shop.paid()
        await shop.script("refund", "decline")
        assert (await shop.refund(payment_id, "first")).json()["status"] == "failed"
        told = (await receiver.first("refund.failed")).body["payload"]
        assert told["refund"]["entity"]["status"] == "failed"
        assert (told["payment"]["entity"]["status"], told["payment"]["entity"]["amount_refunded"]) == (
            "captured",
            0,
        )
        assert (await shop.refund(payment_id, "second")).json()["status"] == "processed"


class TestWebhooks:
    async def test_a_capture_is_told_with_a_signature_over_the_exact_bytes(
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

    async def test_an_untaken_webhook_comes_again_after_a_doubling_pause(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        receiver.answers.extend([500, 302, 404])
        await shop.paid()
        for pause in (0.2, 0.4, 0.8):
            await clock.until_asleep_for(pause)
            clock.advance(pause)
        deliveries = await receiver.after(4)
        assert len({(delivery.event_id, delivery.raw) for delivery in deliveries}) == 1
        record = await shop.webhook_once("payment.captured", "delivered")
        assert [attempt["status"] for attempt in record["attempts"]] == [500, 302, 404, 200]

    def test_the_pause_doubles_up_to_ten_seconds(self) -> None:
        assert [backoff_seconds(failures) for failures in (1, 2, 3, 6, 7, 10_000)] == pytest.approx(
            [0.2, 0.4, 0.8, 6.4, 10, 10]
        )

    async def test_a_receiver_that_is_not_there_yet_gets_its_webhooks_later(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        port = receiver.port
        await receiver.stop()
        await shop.paid()
        await clock.until_asleep_for(0.2)
        assert (await shop.webhook("payment.captured"))["attempts"][0]["error"] == "ConnectError"
        late = WebhookReceiver(port)
        await late.start()
        clock.advance(0.2)
        await late.first("payment.captured")
        await late.stop()

    async def test_delivery_is_given_up_after_a_day(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        receiver.answers.extend([500, 500])
        await shop.paid()
        await clock.until_asleep_for(0.2)
        clock.advance(24 * 3600)
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

    def test_only_the_last_ten_thousand_webhooks_are_remembered(self) -> None:
        log = WebhookLog()
        for number in range(KEPT_WEBHOOKS + 1):
            log.add(Webhook(f"evt_{number}", "payment.captured", "pay_1", b"", "", 0.0))
        assert len(list(log.all())) == KEPT_WEBHOOKS
        assert log.find("evt_0") is None


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

    async def test_a_reordered_webhook_waits_until_the_next_has_been_taken(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "reorder", match={"event": "payment.authorized"})
        receiver.answers.append(500)
        await shop.paid()
        await clock.until_asleep_for(0.2)
        assert (await shop.webhook("payment.authorized"))["status"] == "held"
        clock.advance(0.2)
        deliveries = await receiver.after(3)
        assert [delivery.event for delivery in deliveries] == ["payment.captured"] * 2 + [
            "payment.authorized"
        ]

    async def test_an_older_webhook_does_not_overtake(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "fail", match={"event": "payment.authorized"})
        await shop.script("webhook", "reorder", match={"event": "refund.processed"})
        payment_id = await shop.paid()
        await shop.refund(payment_id)
        await clock.until_asleep_for(0.2)
        clock.advance(0.2)
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

    async def test_a_delayed_webhook_arrives_when_its_time_has_come(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "delay", delay_seconds=60, match={"event": "payment.captured"})
        await shop.paid()
        await clock.until_asleep_for(60)
        await receiver.first("payment.authorized")
        assert (await shop.webhook("payment.captured"))["attempt_count"] == 0
        clock.advance(60)
        await receiver.first("payment.captured")

    async def test_a_webhook_whose_answer_is_lost_is_sent_again(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "drop", match={"event": "payment.authorized"})
        await shop.script("webhook", "timeout")
        await shop.paid()
        await clock.until_asleep_for(0.2)
        clock.advance(0.2)
        one, other = await receiver.after(2)
        assert one.event_id == other.event_id

    async def test_a_webhook_that_fails_once_is_sent_after_the_pause(
        self, shop: Shop, receiver: WebhookReceiver, clock: ManualClock
    ) -> None:
        await shop.script("webhook", "fail", match={"event": "payment.captured"})
        await shop.paid()
        await clock.until_asleep_for(0.2)
        await receiver.first("payment.authorized")
        assert len(receiver.deliveries) == 1
        clock.advance(0.2)
        await receiver.first("payment.captured")


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
        self, shop: Shop, clock: ManualClock
    ) -> None:
        body = payment_body(await shop.order())
        await shop.script("create_payment", "timeout", delay_seconds=45)
        unanswered = asyncio.create_task(shop.post("/v1/payments/create/upi", body, "key"))
        await clock.until_asleep_for(45)
        retried = await shop.post("/v1/payments/create/upi", body, "key")
        assert not unanswered.done()
        clock.advance(45)
        assert (await unanswered).json() == retried.json()
        assert len((await shop.get("/_control/state"))["payments"]) == 1

    async def test_a_dropped_request_is_cut_off_and_not_applied(self, shop: Shop) -> None:
        await shop.script("create", "drop")
        with pytest.raises(httpx.TransportError):
            await shop.post("/v1/orders", order_body())
        assert (await shop.get("/_control/state"))["orders"] == []

    async def test_a_delayed_request_is_applied_late(self, shop: Shop, clock: ManualClock) -> None:
        await shop.script("create", "delay", delay_seconds=3)
        waiting = asyncio.create_task(shop.post("/v1/orders", order_body()))
        await clock.until_asleep_for(3)
        assert (await shop.get("/_control/state"))["orders"] == []
        clock.advance(3)
        assert (await waiting).status_code == 200

    async def test_a_declined_creation_stays_declined_under_its_key(self, shop: Shop) -> None:
        body = payment_body(await shop.order())
        await shop.script("create_payment", "decline")
        for _ in range(2):
            answer = await shop.post("/v1/payments/create/upi", body, "key")
            assert (answer.status_code, reason(answer)) == (400, "payment_declined")
        assert (await shop.post("/v1/payments/create/upi", body, "other")).status_code == 200

    async def test_a_bank_may_decline_what_the_customer_approved(
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

    async def test_a_fault_strikes_only_what_it_matches(self, shop: Shop) -> None:
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
        ],
    )
    async def test_a_fault_that_the_gateway_has_not_is_refused(
        self, shop: Shop, rule: dict[str, Any]
    ) -> None:
        answer = await shop.post("/_control/script", rule)
        assert (answer.status_code, reason(answer)) == (400, "bad_script")


class TestLifecycle:
    async def test_a_stop_lets_held_requests_and_undelivered_webhooks_go(self, clock: ManualClock) -> None:
        provider = UpiProvider(0, *AUTH, WEBHOOK_SECRET, "http://127.0.0.1:1/hook", clock=clock)
        await provider.start()
        await provider.start()
        async with httpx.AsyncClient(
            base_url=provider.url, auth=AUTH, timeout=TIMEOUT, trust_env=False
        ) as client:
            shop = Shop(client)
            await shop.paid()
            await shop.script("create", "timeout")
            held = asyncio.create_task(shop.post("/v1/orders", order_body()))
            await clock.until_asleep_for(30)
            await provider.stop()
            assert (await held).status_code == 200
        await provider.stop()

    async def test_a_taken_port_is_an_error_of_the_start(self, provider: UpiProvider) -> None:
        port = int(provider.url.rsplit(":", 1)[1])
        second = UpiProvider(port, *AUTH, WEBHOOK_SECRET, "http://127.0.0.1:1/hook")
        with pytest.raises(OSError, match="in use"):
            await second.start()
