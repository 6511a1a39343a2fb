"""The hostile, the hasty and the unlucky client: a clear refusal, and nothing lost."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from emulators.client.auth import API_KEY
from tests.e2e.scene import Town, eventually, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("A1", "A2", "C1")]


async def test_without_a_token_nothing_is_told(town: Town) -> None:
    for path in ("/me", "/orders", "/orders/ord_1", "/payments/pay_1", "/driver/offers/off_1"):
        refused(await town.http.get(f"{town.stack.url}/api/v1{path}"), 401)


async def _half_verified(town: Town) -> str:
    """Return the token of somebody with neither e-mail nor phone verified."""
    toolkit = f"http://{town.stack.env['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1"
    fields = {"email": f"{secrets.token_hex(6)}@example.com", "password": "123456", "returnSecureToken": True}
    answer = await town.http.post(f"{toolkit}/accounts:signUp", params={"key": API_KEY}, json=fields)
    return str(answer.json()["idToken"])


async def test_the_error_names_what_is_not_verified(town: Town) -> None:
    headers = {"Authorization": f"Bearer {await _half_verified(town)}", "Idempotency-Key": "k"}
    answer = await town.http.post(f"{town.stack.url}/api/v1/quotes", headers=headers, json=town.wish())
    refused(answer, 403, "EMAIL_AND_PHONE_NOT_VERIFIED")


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1000000000", "NaN"])
async def test_a_quantity_that_cannot_be_is_422(town: Town, quantity: str) -> None:
    customer = await town.person()
    body = json.dumps(town.wish()).replace('"quantity": 2', f'"quantity": {quantity}')
    headers = {"content-type": "application/json"}
    answer = await customer.request("POST", "/quotes", key=None, content=body, headers=headers)

    assert refused(answer, 422)["errors"][0]["pointer"] == "/items/0/quantity"


async def test_an_unknown_or_sold_out_item_is_422(town: Town) -> None:
    customer = await town.person()
    for item in ("itm_unheard_of", town.sold_out):
        wish = town.wish(items=[{"item_id": item, "quantity": 1}])
        refused(await customer.post("/quotes", wish, key=None), 422, "UNKNOWN_ITEM")


async def test_malformed_json_is_400_and_a_body_over_one_mebibyte_413(town: Town) -> None:
    customer = await town.person()
    headers = {"content-type": "application/json"}

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 1024 * 1024

    malformed = await customer.request("POST", "/quotes", content=b'{"merchant_id": ', headers=headers)
    refused(malformed, 400, "MALFORMED")
    oversize = b'{"x": "' + b"x" * 1024 * 1024 + b'"}'
    refused(await customer.request("POST", "/quotes", content=oversize, headers=headers), 413)
    try:
        streamed = await customer.request("POST", "/quotes", content=chunks(), headers=headers)
    except httpx.WriteError:
        return  # the server hung up on a client that would not stop
    refused(streamed, 413)


async def test_an_idempotency_key_is_demanded_binds_its_body_and_has_one_effect(town: Town) -> None:
    customer = await town.person()
    quotes = [ok(await customer.post("/quotes", town.wish(), key=None)) for _ in range(2)]
    body = {"quote_id": quotes[0]["id"]}

    refused(await customer.post("/orders", body, key=None), 400, "IDEMPOTENCY_KEY_MISSING")
    answers = await asyncio.gather(*(customer.post("/orders", body, key="click") for _ in range(10)))
    assert len({ok(answer)["id"] for answer in answers}) == 1
    assert [answer.status_code for answer in answers] == [201] * 10
    other = {"quote_id": quotes[1]["id"]}
    refused(await customer.post("/orders", other, key="click"), 422, "IDEMPOTENCY_KEY_REUSED")
    assert len(ok(await customer.get("/orders"))["orders"]) == 1


async def test_a_foreign_order_does_not_exist_and_an_illegal_step_is_409(town: Town) -> None:
    customer, stranger = await town.person(), await town.person()
    order_id = await town.place(customer)

    for method, path in [("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/confirm")]:
        answer = await stranger.request(
            method, f"/orders/{order_id}{path}", json={} if method == "POST" else None
        )
        refused(answer, 404, "ORDER_NOT_FOUND")
    refused(await stranger.post("/payments", {"order_id": order_id, "method": "upi_intent"}), 404)
    refused(await town.staff.post(f"/orders/{order_id}/confirm"), 409, "ORDER_NOT_PAID")
    refused(await town.staff.post(f"/orders/{order_id}/ready"), 409, "ILLEGAL_TRANSITION")
    refused(await customer.post(f"/orders/{order_id}/confirm"), 403, "NOT_PERMITTED")


async def test_price_tampering_and_mass_assignment_are_refused(town: Town) -> None:
    customer = await town.person()
    for injected in (
        {"total": 1},
        {"amounts": {"total": 1}},
        {"fulfilment": "delivered"},
        {"customer_id": "x"},
    ):
        refused(await customer.post("/quotes", town.wish(**injected), key=None), 422)
        refused(await customer.post("/orders", {"quote_id": "quo_1", **injected}), 422)


async def _webhook(town: Town, order_id: str) -> tuple[bytes, dict[str, str]]:
    """Return the captured-webhook of an order as the gateway sent it."""
    upi = town.stack.env["UPI_API_URL"]
    state = (await town.http.get(f"{upi}/_control/state")).json()
    for webhook in state["webhooks"]:
        raw = (await town.http.get(f"{upi}/_control/webhooks/{webhook['event_id']}")).json()
        if order_id in raw["body"] and "payment.captured" in raw["body"]:
            return raw["body"].encode(), raw["headers"]
    raise AssertionError("the gateway sent no webhook")


async def test_a_webhook_counts_once_and_only_with_its_own_signature(town: Town) -> None:
    customer = await town.person()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    body, headers = await _webhook(town, order_id)
    url = f"{town.stack.url}/webhooks/upi"

    flipped = bytes([body[40] ^ 1])
    forged = await town.http.post(url, content=body[:40] + flipped + body[41:], headers=headers)
    refused(forged, 401)
    unsigned = {k: v for k, v in headers.items() if "signature" not in k.lower()}
    refused(await town.http.post(url, content=body, headers=unsigned), 401)
    for event_id in ("same", "same", "another"):
        again = await town.http.post(url, content=body, headers={**headers, "x-razorpay-event-id": event_id})
        assert again.is_success
    order = ok(await customer.get(f"/orders/{order_id}"))
    assert order["payment"]["captured"] == order["amounts"]["total"]
    assert (await town.timeline(customer, order_id)).count("payment_captured") == 1


async def test_a_gateway_that_is_down_is_503_and_the_order_can_still_be_paid(town: Town) -> None:
    customer = await town.person()
    order_id = await town.place(customer)
    upi = town.stack.env["UPI_API_URL"]
    script: dict[str, Any] = {"target": "create", "action": "fail", "times": 1}
    (await town.http.post(f"{upi}/_control/script", json=script)).raise_for_status()

    answer = await customer.post("/payments", {"order_id": order_id, "method": "upi_intent"}, key="pay")
    refused(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1

    paid = await customer.post("/payments", {"order_id": order_id, "method": "upi_intent"}, key="pay")
    assert ok(paid)["state"] == "pending"


async def test_private_functions_cannot_be_reached_from_outside(town: Town) -> None:
    for path in ("/", "/cron/sweep-outbox", "/tasks/offer-expired"):
        answer = await town.http.post(f"{town.stack.url}{path}", json={})
        assert answer.status_code in {404, 405}
    private = {
        "operations_cron": "/cron/sweep-outbox",
        "dispatch_tasks": "/tasks/search-again",
        "payments_events": "/",
    }
    for name, path in private.items():
        answer = await town.http.post(f"{town.stack.functions[name]}{path}", json={})
        refused(answer, 401, "INVOKER_NOT_TRUSTED")


async def test_an_offer_is_only_for_its_driver_and_has_one_winner_of_two_hundred(town: Town) -> None:
    customer, driver = await town.person(), await town.driver()
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    await town.cook(order_id)
    offer_id = await town.offer(driver, order_id)
    other = await town.driver()
    refused(await other.post(f"/driver/offers/{offer_id}/accept"), 404, "OFFER_NOT_FOUND")

    answers = await asyncio.gather(*(driver.post(f"/driver/offers/{offer_id}/accept") for _ in range(200)))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(409)) == (1, 199)

    async def assigned() -> bool:
        return bool(ok(await customer.get(f"/orders/{order_id}"))["assignment"]["driver_id"] == driver.uid)

    await eventually(assigned)
