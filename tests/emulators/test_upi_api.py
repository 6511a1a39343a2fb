"""The merchant API of the payment gateway: orders and repeated requests."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from emulators.providers.upi.server import UpiProvider
from tests.emulators.fake_clock import FakeClock
from tests.emulators.shop import (
    AUTH,
    NO_AUTH,
    TIMEOUT,
    WEBHOOK_SECRET,
    Shop,
    order_body,
    payment_body,
    reason,
)


class TestAuthentication:
    @pytest.mark.parametrize("auth", [NO_AUTH, ("rzp_test_key", "wrong"), ("other", "key-secret"), ("", "")])
    async def test_a_wrong_key_is_401_in_the_gateways_format(
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
    async def test_an_order_is_returned_as_created(self, shop: Shop) -> None:
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
    async def test_a_body_that_is_not_an_object_is_refused(self, shop: Shop, raw: bytes) -> None:
        assert (await shop.client.post("/v1/orders", content=raw)).status_code == 400

    @pytest.mark.parametrize(
        "path", ["orders/x", "payments/x", "refunds/x", "orders/x/payments", "payments/x/refunds"]
    )
    async def test_an_unknown_id_is_400_as_at_razorpay(self, shop: Shop, path: str) -> None:
        answer = await shop.client.get(f"/v1/{path}")
        assert answer.status_code == 400
        assert answer.json()["error"]["description"] == "The id provided does not exist"

    async def test_an_unknown_path_is_404_in_the_gateways_format(self, shop: Shop) -> None:
        answer = await shop.client.get("/v1/cards")
        assert (answer.status_code, reason(answer)) == (404, "no_such_route")


class TestIdempotency:
    async def test_ten_equal_concurrent_requests_have_one_effect_and_one_answer(self, shop: Shop) -> None:
        answers = await asyncio.gather(*(shop.post("/v1/orders", order_body(), "key") for _ in range(10)))
        assert len({answer.text for answer in answers}) == 1
        assert len((await shop.get("/_control/state"))["orders"]) == 1

    async def test_bodies_with_reordered_fields_are_equal(self, shop: Shop) -> None:
        first = await shop.post("/v1/orders", order_body(), "key")
        again = await shop.post("/v1/orders", dict(reversed(order_body().items())), "key")
        assert again.json() == first.json()

    async def test_a_used_key_with_another_body_is_409(self, shop: Shop) -> None:
        await shop.post("/v1/orders", order_body(), "key")
        answer = await shop.post("/v1/orders", order_body(amount=500), "key")
        assert (answer.status_code, reason(answer)) == (409, "idempotency_key_reused")

    async def test_one_key_can_be_used_for_an_order_and_its_payment(self, shop: Shop) -> None:
        order = (await shop.post("/v1/orders", order_body(), "key")).json()
        first = await shop.post("/v1/payments/create/upi", payment_body(order["id"]), "key")
        again = await shop.post("/v1/payments/create/upi", payment_body(order["id"]), "key")
        assert (first.status_code, again.json()) == (200, first.json())

    async def test_a_key_expires_after_a_day(self, shop: Shop, clock: FakeClock) -> None:
        first = (await shop.post("/v1/orders", order_body(), "key")).json()
        clock.advance(timedelta(seconds=24 * 3600 - 1))
        assert (await shop.post("/v1/orders", order_body(), "key")).json() == first
        clock.advance(timedelta(seconds=1))
        assert (await shop.post("/v1/orders", order_body(), "key")).json()["id"] != first["id"]

    async def test_an_error_is_not_stored(self, shop: Shop) -> None:
        payment_id, link = await shop.intent()
        assert (await shop.refund(payment_id, "key")).status_code == 400
        await shop.pay(link)
        assert (await shop.refund(payment_id, "key")).status_code == 200

    async def test_a_refund_is_created_once_with_either_header(self, shop: Shop) -> None:
        payment_id = await shop.paid()
        path = f"/v1/payments/{payment_id}/refund"
        headers = {"X-Refund-Idempotency": "refund-key"}
        answers = [await shop.client.post(path, json={"amount": 500}, headers=headers) for _ in range(3)]
        answers.append(await shop.refund(payment_id, "refund-key", amount=500))
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert (await shop.get(f"/v1/payments/{payment_id}"))["amount_refunded"] == 500


class TestLifecycle:
    async def test_a_stop_releases_delayed_requests_and_drops_undelivered_webhooks(
        self, clock: FakeClock
    ) -> None:
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

    async def test_a_port_in_use_fails_the_start(self, provider: UpiProvider) -> None:
        port = int(provider.url.rsplit(":", 1)[1])
        second = UpiProvider(port, *AUTH, WEBHOOK_SECRET, "http://127.0.0.1:1/hook")
        with pytest.raises(OSError, match="in use"):
            await second.start()
