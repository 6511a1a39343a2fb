"""The routes of tips: who may create and read them, how many, how much and until when."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.payments import FirestorePayments
from shared.kernel.order import Fulfilment
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.orders.domain import TimelineEntry
from shared.orders.pricing import MAX_TIP
from shared.orders.tips.domain import MAX_TIPS, PAYMENT_WINDOW, TIPPING_WINDOW
from shared.payments.domain import Method
from shared.payments.subjects import OrderClosed
from shared.payments.usecases.start_payment import StartPayment, start_payment
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, order
from tests.fakes.accounts import Caller
from tests.fakes.admission import admit_always
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.payments import FakeGateway
from tests.fakes.runtime import FakeRuntime, run_on

pytestmark = pytest.mark.mission("C8")

PATH = f"/api/v1/orders/{ORDER_ID}/tips"


class TipWorld:
    """One delivered order, and users who tip for it."""

    def __init__(self, call: Caller, database: MemoryDatabase) -> None:
        self.call, self.database, self.now = call, database, NOW
        self.deliver(NOW)

    def deliver(self, at: datetime, **changes: Any) -> None:
        entry = TimelineEntry(1, "evt_1", "order_delivered", at, DRIVER)
        whole = order(Fulfilment.DELIVERED, driver=DRIVER, timeline=(entry,), updated_at=NOW, **changes)
        self.database.seed(f"orders/{ORDER_ID}", to_document(whole))

    async def create(self, amount: Any = 5_000, key: str = "k1", uid: str = CUSTOMER) -> httpx.Response:
        return await self.call.be(uid)("POST", PATH, {"amount": amount}, key=key)

    async def listed(self, uid: str) -> list[dict[str, Any]]:
        answer = await self.call.be(uid)("GET", PATH)
        assert answer.status_code == 200, answer.text
        tips: list[dict[str, Any]] = answer.json()["tips"]
        return tips

    def pay(self, tip_id: str) -> None:
        """Write what payments writes."""
        self.money(tip_id, "captured", self.database.data(f"tips/{tip_id}")["amounts"]["total"])

    def money(self, tip_id: str, state: str, captured: int = 0) -> None:
        stored = self.database.data(f"tips/{tip_id}")
        slice_ = {"state": state, "payment_id": "pay_1", "captured": captured, "refunded": 0}
        self.database.seed(f"tips/{tip_id}", {**stored, "payment": slice_})


@pytest.fixture
def world(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> TipWorld:
    world = TipWorld(call, database)
    run_on(app, FakeRuntime(database=database, bus=bus, clock=lambda: world.now), monkeypatch)
    return world


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_tip_is_for_the_driver_who_delivered_and_is_unpaid_at_first(world: TipWorld) -> None:
    before = world.database.data(f"orders/{ORDER_ID}")
    answer = await world.create()

    made = answer.json()
    assert answer.status_code == 201
    assert (made["order_id"], made["driver_id"], made["amount"]) == (ORDER_ID, DRIVER, 5_000)
    assert (made["currency"], made["state"]) == ("INR", "none")
    stored = world.database.data(f"tips/{made['id']}")
    assert (stored["customer_id"], stored["fulfilment"]) == (CUSTOMER, "placed")
    assert world.database.data(f"orders/{ORDER_ID}") == before


async def test_the_customer_reads_all_tips_and_the_driver_the_paid_ones(world: TipWorld) -> None:
    first, second = [(await world.create(5_000 + n, f"k{n}")).json() for n in range(2)]
    world.pay(second["id"])

    assert [tip["id"] for tip in await world.listed(CUSTOMER)] == [first["id"], second["id"]]
    assert [(tip["id"], tip["state"]) for tip in await world.listed(DRIVER)] == [(second["id"], "captured")]
    for uid in (STAFF, STRANGER):
        assert _code(await world.call.be(uid)("GET", PATH)) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("uid", [STRANGER, STAFF, DRIVER])
async def test_only_the_customer_creates_a_tip(world: TipWorld, uid: str) -> None:
    assert _code(await world.create(uid=uid)) == (404, "ORDER_NOT_FOUND")


async def test_an_unknown_order_is_not_found(world: TipWorld) -> None:
    path = PATH.replace(ORDER_ID, "ord_unknown")
    assert _code(await world.call("POST", path, {"amount": 100}, key="k1")) == (404, "ORDER_NOT_FOUND")
    assert _code(await world.call("GET", path)) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("state", sorted(set(Fulfilment) - {Fulfilment.DELIVERED}))
async def test_only_a_delivered_order_can_be_tipped_for(world: TipWorld, state: Fulfilment) -> None:
    world.database.seed(f"orders/{ORDER_ID}", to_document(order(state, driver=DRIVER)))
    assert _code(await world.create()) == (409, "NOT_TIPPABLE")


async def test_an_order_without_a_driver_cannot_be_tipped_for(world: TipWorld) -> None:
    world.database.seed(f"orders/{ORDER_ID}", to_document(order(Fulfilment.DELIVERED)))
    assert _code(await world.create()) == (409, "NOT_TIPPABLE")


async def test_tipping_closes_thirty_days_after_delivery_even_when_the_order_changed_since(
    world: TipWorld,
) -> None:
    world.deliver(NOW - TIPPING_WINDOW)
    assert (await world.create()).status_code == 201
    world.deliver(NOW - TIPPING_WINDOW - timedelta(seconds=1))
    assert _code(await world.create(key="k2")) == (409, "TIPPING_CLOSED")


async def test_one_key_creates_one_tip_and_another_amount_with_it_is_refused(world: TipWorld) -> None:
    first, again, other = await world.create(), await world.create(), await world.create(6_000)

    assert (again.status_code, again.json()) == (201, first.json())
    assert _code(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(world.database.collection("tips")) == 1


async def test_expired_tips_do_not_count_and_can_no_longer_be_paid(world: TipWorld, bus: MemoryBus) -> None:
    given = [(await world.create(5_000 + n, f"k{n}")).json()["id"] for n in range(MAX_TIPS)]
    world.pay(given[0])
    world.money(given[1], "pending")
    world.money(given[2], "failed")
    world.now = NOW + PAYMENT_WINDOW - timedelta(seconds=1)
    assert _code(await world.create(key="k5")) == (409, "TOO_MANY_TIPS")

    world.now = NOW + PAYMENT_WINDOW
    later = [(await world.create(key=f"l{n}")).status_code for n in range(MAX_TIPS)]

    assert later == [201, 201, 201, 409, 409]
    expired = [tip["expired"] for tip in await world.listed(CUSTOMER)]
    assert expired == [False, False, True, True, True, False, False, False]
    store = FirestorePayments(DocumentStore(world.database, bus))
    for id_ in given[2:]:
        pay = StartPayment(
            SubjectRef(ChargeKind.TIP, id_), CUSTOMER, Method.UPI_INTENT, "+919800000001", "a@example.com"
        )
        with pytest.raises(OrderClosed):
            await start_payment(pay, store=store, gateway=FakeGateway(), admit=admit_always, now=world.now)


async def test_a_late_payment_of_an_expired_tip_goes_to_the_driver(world: TipWorld) -> None:
    late = (await world.create()).json()["id"]
    world.now = NOW + PAYMENT_WINDOW
    await world.create(key="k2")

    world.pay(late)

    assert [tip["id"] for tip in await world.listed(DRIVER)] == [late]
    assert (await world.listed(CUSTOMER))[0]["expired"] is False


async def test_concurrent_requests_create_at_most_five_tips(world: TipWorld) -> None:
    answers = await asyncio.gather(*(world.create(1_000 + n, f"k{n}") for n in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] * MAX_TIPS + [409] * (12 - MAX_TIPS)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"TOO_MANY_TIPS"}
    made = {answer.json()["id"]: answer.json()["amount"] for answer in answers if answer.status_code == 201}
    assert {tip["id"]: tip["amount"] for tip in await world.listed(CUSTOMER)} == made
    assert len(made) == MAX_TIPS


@pytest.mark.parametrize(
    "amount", [0, -1, 99, MAX_TIP + 1, 10**30, 1.5, 100.0, "100", True, None, [], float("1e3")]
)
async def test_an_invalid_amount_is_refused(world: TipWorld, amount: Any) -> None:
    assert _code(await world.create(amount)) == (422, "INVALID_REQUEST")
    assert world.database.collection("tips") == {}


@pytest.mark.parametrize(
    "raw", ['{"amount": NaN}', '{"amount": 1e400}', '{"amount": 100, "driver_id": "me"}']
)
async def test_a_malformed_tip_is_refused(world: TipWorld, raw: str) -> None:
    answer = await world.call("POST", PATH, raw=raw, key="k1")
    assert answer.status_code in (400, 422)
    assert world.database.collection("tips") == {}


async def test_a_tip_needs_an_idempotency_key_and_a_verified_user(world: TipWorld) -> None:
    assert (await world.call("POST", PATH, {"amount": 100})).status_code == 400
    assert (await world.create(uid="half-asha")).status_code == 403
    assert (await world.call.be("")("POST", PATH, {"amount": 100}, key="k1")).status_code == 401
