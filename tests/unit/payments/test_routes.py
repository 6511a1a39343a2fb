"""The HTTP interfaces of the payments functions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from inspect import signature

import httpx
import pytest
from starlette.applications import Starlette

from functions.payments_api import main as api_main
from functions.payments_api import routes as api_routes
from functions.payments_cron import main as cron_main
from functions.payments_webhooks import main as webhooks_main
from shared.edge import oidc
from shared.edge.ratelimit import policy_of
from shared.kernel.access import AccountStatus, TokenInvalid
from shared.kernel.actor import Principal
from shared.kernel.clock import utc_now
from shared.payments.subjects import OrderNotFound
from tests.fakes.accounts import FakeRoles
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.payments.webhooks import SECRET, charge_body, sign
from tests.unit.payments.world import ORDER, TIP, TOTAL, World, tip_document

pytestmark = pytest.mark.mission("D1")

PEOPLE = {
    "asha": Principal("asha", "a@b.in", True, "+919900000001"),
    "mallory": Principal("mallory", "m@b.in", True, "+919900000002"),
    "new": Principal("new", "n@b.in", False, ""),
    "fled": Principal("fled", "f@b.in", True, "+919900000003"),
}

ROLES = FakeRoles(statuses={"fled": AccountStatus(revoked_sessions=(PEOPLE["fled"].session_id,))})


class Tokens:
    """A token verifier that reads a person's name as their token."""

    async def verify(self, token: str) -> Principal:
        if token not in PEOPLE:
            raise TokenInvalid
        return PEOPLE[token]


def _client(app: Starlette) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5)


@pytest.fixture
async def api(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    runtime = FakeRuntime(externals={"payment gateway": world.gateway}, clock=utc_now)
    run_on(api_main.app, runtime, monkeypatch, tokens=Tokens, roles=lambda: ROLES, store=world.store)
    async with _client(api_main.app) as client:
        yield client


@pytest.fixture
async def webhooks(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    runtime = FakeRuntime(settings={"payment_webhook_secrets": {"upi": [SECRET]}}, clock=lambda: world.now)
    run_on(webhooks_main.app, runtime, monkeypatch, store=world.store)
    async with _client(webhooks_main.app) as client:
        yield client


async def _pay(api: httpx.AsyncClient, who: str = "asha", **body: object) -> httpx.Response:
    asked = {"order_id": ORDER, "method": "upi_intent", **body}
    headers = {"Authorization": f"Bearer {who}", "Idempotency-Key": "k1"}
    return await api.post("/api/v1/payments", json=asked, headers=headers)


async def _tell(webhooks: httpx.AsyncClient, raw: bytes, signature: str | None = None) -> int:
    headers = {"X-Razorpay-Signature": sign(raw) if signature is None else signature}
    return (await webhooks.post("/webhooks/upi", content=raw, headers=headers)).status_code


@pytest.mark.parametrize("secrets", [{}, {"upi": []}, {"cards": [SECRET]}], ids=str)
async def test_a_webhook_of_a_gateway_without_a_secret_is_refused_however_it_is_signed(
    world: World, monkeypatch: pytest.MonkeyPatch, secrets: dict[str, list[str]]
) -> None:
    runtime = FakeRuntime(settings={"payment_webhook_secrets": secrets}, clock=lambda: world.now)
    run_on(webhooks_main.app, runtime, monkeypatch, store=world.store)
    raw = charge_body("payment.captured", "pay_" + "0" * 32, ORDER)
    async with _client(webhooks_main.app) as webhooks:
        assert [await _tell(webhooks, raw, sign(raw, key)) for key in (SECRET, "")] == [401, 401]


async def test_a_customer_gets_a_link_and_can_read_the_payment(api: httpx.AsyncClient) -> None:
    answer = await _pay(api)
    made = answer.json()

    assert answer.status_code == 201
    assert (made["order_id"], made["state"], made["amount"], made["currency"]) == (
        ORDER,
        "pending",
        TOTAL,
        "INR",
    )
    assert made["link"].startswith("upi://pay")
    read = await api.get(f"/api/v1/payments/{made['id']}", headers={"Authorization": "Bearer asha"})
    assert read.json() == made


async def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(api: httpx.AsyncClient) -> None:
    first, again = await _pay(api), await _pay(api)
    other = await _pay(api, order_id="ord_" + "0" * 32)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("path", ["/api/v1/payments/pay_" + "0" * 32, "/api/v1/payments/{id}"])
async def test_a_payment_of_another_customer_is_404_like_an_unknown_one(
    api: httpx.AsyncClient, path: str
) -> None:
    made = (await _pay(api)).json()

    answer = await api.get(path.format(id=made["id"]), headers={"Authorization": "Bearer mallory"})

    assert (answer.status_code, answer.json()["code"]) == (404, "PAYMENT_NOT_FOUND")


async def test_the_order_of_another_customer_is_404(api: httpx.AsyncClient) -> None:
    assert (await _pay(api, who="mallory")).json()["code"] == "ORDER_NOT_FOUND"


async def test_anonymous_and_unverified_callers_are_refused(api: httpx.AsyncClient) -> None:
    assert (await _pay(api, who="")).status_code == 401
    unverified = await _pay(api, who="new")
    assert (unverified.status_code, unverified.json()["code"]) == (403, "EMAIL_AND_PHONE_NOT_VERIFIED")


async def test_a_revoked_session_neither_pays_nor_reads_a_payment(api: httpx.AsyncClient) -> None:
    fled = {"Authorization": "Bearer fled"}
    for answer in (await _pay(api, who="fled"), await api.get("/api/v1/payments/pay_1", headers=fled)):
        assert (answer.status_code, answer.json()["code"]) == (401, "SESSION_REVOKED")


@pytest.mark.parametrize(
    "extra",
    [{"amount": 1}, {"customer_id": "mallory"}, {"state": "captured"}, {"method": "cash"}, {"order_id": 7}],
)
async def test_a_client_sets_neither_the_amount_nor_any_other_field(
    api: httpx.AsyncClient, extra: dict[str, object]
) -> None:
    assert (await _pay(api, "asha", **extra)).status_code == 422


async def test_a_tip_is_paid_by_its_own_id(world: World, api: httpx.AsyncClient) -> None:
    world.database.seed(f"tips/{TIP}", tip_document())

    answer = await _pay(api, order_id=None, tip_id=TIP)

    made = answer.json()
    assert (answer.status_code, made["order_id"], made["tip_id"], made["amount"]) == (201, None, TIP, TOTAL)
    assert world.database.data(f"tips/{TIP}")["payment"]["payment_id"] == made["id"]
    assert world.slice()["state"] == "none"


@pytest.mark.parametrize(
    "named",
    [
        {"tip_id": TIP},
        {"order_id": None},
        {"order_id": TIP},
        {"order_id": None, "tip_id": ORDER},
        {"order_id": None, "tip_id": "tip_1"},
        {"order_id": None, "tip_id": f"{TIP}/../x"},
    ],
)
async def test_a_request_names_either_an_order_or_a_tip_by_its_own_id(
    world: World, api: httpx.AsyncClient, named: dict[str, object]
) -> None:
    world.database.seed(f"tips/{TIP}", tip_document())

    answer = await _pay(api, "asha", **named)

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert world.gateway.bills == {}


async def test_the_tip_of_another_customer_is_404(world: World, api: httpx.AsyncClient) -> None:
    world.database.seed(f"tips/{TIP}", tip_document())
    for who, tip in (("mallory", TIP), ("asha", "tip_" + "0" * 32)):
        answer = await _pay(api, who, order_id=None, tip_id=tip)
        assert (answer.status_code, answer.json()["code"]) == (404, "TIP_NOT_FOUND")


async def test_a_key_is_needed(api: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer asha"}
    answer = await api.post(
        "/api/v1/payments", json={"order_id": ORDER, "method": "upi_intent"}, headers=headers
    )
    assert answer.status_code == 400


async def test_a_gateway_that_is_down_is_503_with_retry_after(world: World, api: httpx.AsyncClient) -> None:
    world.gateway.down.append("create_intent")

    answer = await _pay(api)

    assert (answer.status_code, answer.json()["code"]) == (503, "GATEWAY_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await _pay(api)).status_code == 201


async def test_a_paid_order_is_409(world: World, api: httpx.AsyncClient) -> None:
    await world.paid()
    answer = await _pay(api)
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_PAID")


async def test_a_webhook_marks_the_payment_as_captured_once(
    world: World, webhooks: httpx.AsyncClient
) -> None:
    payment = await world.start()
    raw = charge_body("payment.captured", payment.id, ORDER)

    assert [await _tell(webhooks, raw), await _tell(webhooks, raw)] == [200, 200]
    assert world.slice()["state"] == "captured"
    assert world.bus.names() == ["payment_captured"]


async def test_a_webhook_with_any_changed_byte_is_401(world: World, webhooks: httpx.AsyncClient) -> None:
    payment = await world.start()
    raw = charge_body("payment.captured", payment.id, ORDER)
    forgeries = [raw[:n] + bytes([raw[n] ^ 1]) + raw[n + 1 :] for n in range(len(raw))]

    statuses = {await _tell(webhooks, forged, sign(raw)) for forged in forgeries}

    assert statuses == {401}
    assert await _tell(webhooks, raw, "") == 401
    assert world.slice()["state"] == "pending"


async def test_a_webhook_is_accepted_refused_or_to_be_repeated(
    world: World, webhooks: httpx.AsyncClient
) -> None:
    await world.start()
    unstored = charge_body("payment.captured", "pay_" + "0" * 32, ORDER)

    assert await _tell(webhooks, b"{not json") == 400
    assert await _tell(webhooks, unstored) == 503
    assert await _tell(webhooks, charge_body("payment.captured", "", "", notes=[])) == 200
    assert await _tell(webhooks, charge_body("subscription.charged", "", "")) == 200


async def _trust(*_: object) -> None:
    """Accept any caller as the platform's invoker."""


async def test_the_scheduled_call_returns_how_many_payments_were_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = FakeRuntime(externals={"payment gateway": world.gateway}, clock=lambda: world.now)
    run_on(cron_main.app, runtime, monkeypatch, store=world.store)
    monkeypatch.setattr(oidc, "check_invoker", _trust)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-waybill")
    await world.start()
    world.wait(minutes=2)

    async with _client(cron_main.app) as cron:
        answer = await cron.post("/cron/reconcile", headers={"Authorization": "Bearer platform"})

    assert answer.json() == {"checked": 1, "refunds_opened": 0, "failed": 0}


async def test_a_signed_webhook_with_a_duplicate_key_is_400_and_an_unsigned_one_401(
    webhooks: httpx.AsyncClient,
) -> None:
    raw = b'{"event": "subscription.paused", "event": "subscription.resumed"}'
    assert await _tell(webhooks, raw) == 400
    assert await _tell(webhooks, raw, "0" * 64) == 401


def test_payment_links_are_rate_limited_per_order_and_per_tip() -> None:
    assert policy_of(api_routes.start).entity is not None
    assert "limit" in signature(api_routes.start).parameters


@pytest.mark.parametrize("uid", ["ravi", "asha"])
async def test_fault_07_the_limit_of_an_order_counts_its_own_customer_alone(uid: str) -> None:
    world = World()
    counted: list[str] = []

    async def admit(entity: str) -> None:
        counted.append(entity)

    with contextlib.suppress(OrderNotFound):
        await world.start(uid, admit=admit)
    assert counted == ([world.subject_ref.id] if uid == "asha" else [])
