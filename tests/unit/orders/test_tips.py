"""Tips after delivery, at the API: who may give and see them, how many, how much and how long."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.orders_api import tip_routes, wiring
from functions.orders_api.main import app
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.firestore.tips import FirestoreTips
from shared.kernel.order import Fulfilment
from shared.orders.domain import TimelineEntry
from shared.orders.pricing import MAX_TIP
from shared.orders.tips.domain import MAX_TIPS, PAYABLE_FOR, TIPPED_WITHIN
from shared.payments.domain import Method
from shared.payments.subjects import OrderClosed
from shared.payments.usecases.start_payment import StartPayment, start_payment
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, order
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.payments import FakeGateway

pytestmark = pytest.mark.mission("C8")

PATH = f"/api/v1/orders/{ORDER_ID}/tips"


class Desk:
    """One delivered order, and people who tip for it."""

    def __init__(self, call: Caller, database: MemoryDatabase) -> None:
        self.call, self.database, self.now = call, database, NOW
        self.deliver(NOW)

    def deliver(self, at: datetime, **changes: Any) -> None:
        entry = TimelineEntry(1, "evt_1", "order_delivered", at, DRIVER)
        whole = order(Fulfilment.DELIVERED, driver=DRIVER, timeline=(entry,), updated_at=NOW, **changes)
        self.database.seed(f"orders/{ORDER_ID}", to_document(whole))

    async def give(self, amount: Any = 5_000, key: str = "k1", uid: str = CUSTOMER) -> httpx.Response:
        return await self.call.be(uid)("POST", PATH, {"amount": amount}, key=key)

    async def seen(self, uid: str) -> list[dict[str, Any]]:
        answer = await self.call.be(uid)("GET", PATH)
        assert answer.status_code == 200, answer.text
        tips: list[dict[str, Any]] = answer.json()["tips"]
        return tips

    def pay(self, tip_id: str) -> None:
        """What payments writes."""
        self.money(tip_id, "captured", self.database.data(f"tips/{tip_id}")["amounts"]["total"])

    def money(self, tip_id: str, state: str, captured: int = 0) -> None:
        stored = self.database.data(f"tips/{tip_id}")
        slice_ = {"state": state, "payment_id": "pay_1", "captured": captured, "refunded": 0}
        self.database.seed(f"tips/{tip_id}", {**stored, "payment": slice_})


@pytest.fixture
def desk(call: Caller, database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Desk:
    store = FirestoreTips(DocumentStore(database, bus, clock=lambda: NOW))
    monkeypatch.setattr(wiring, "tips", lambda: store)
    monkeypatch.setitem(app.state._state, "roles", FakeRoles)
    made = Desk(call, database)
    monkeypatch.setattr(tip_routes, "utc_now", lambda: made.now)
    return made


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_tip_is_for_the_driver_who_delivered_and_waits_to_be_paid(desk: Desk) -> None:
    before = desk.database.data(f"orders/{ORDER_ID}")
    answer = await desk.give()

    made = answer.json()
    assert answer.status_code == 201
    assert (made["order_id"], made["driver_id"], made["amount"]) == (ORDER_ID, DRIVER, 5_000)
    assert (made["currency"], made["state"]) == ("INR", "none")
    stored = desk.database.data(f"tips/{made['id']}")
    assert (stored["customer_id"], stored["merchant_staff"], stored["fulfilment"]) == (CUSTOMER, [], "placed")
    assert desk.database.data(f"orders/{ORDER_ID}") == before


async def test_the_customer_sees_all_tips_and_the_driver_those_that_were_paid(desk: Desk) -> None:
    first, second = [(await desk.give(5_000 + n, f"k{n}")).json() for n in range(2)]
    desk.pay(second["id"])

    assert [tip["id"] for tip in await desk.seen(CUSTOMER)] == [first["id"], second["id"]]
    assert [(tip["id"], tip["state"]) for tip in await desk.seen(DRIVER)] == [(second["id"], "captured")]
    for uid in (STAFF, STRANGER):
        assert _code(await desk.call.be(uid)("GET", PATH)) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("uid", [STRANGER, STAFF, DRIVER])
async def test_nobody_but_the_customer_gives_a_tip(desk: Desk, uid: str) -> None:
    assert _code(await desk.give(uid=uid)) == (404, "ORDER_NOT_FOUND")


async def test_an_order_that_there_is_not_is_not_tipped_for(desk: Desk) -> None:
    path = PATH.replace(ORDER_ID, "ord_unknown")
    assert _code(await desk.call("POST", path, {"amount": 100}, key="k1")) == (404, "ORDER_NOT_FOUND")
    assert _code(await desk.call("GET", path)) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("state", sorted(set(Fulfilment) - {Fulfilment.DELIVERED}))
async def test_only_a_delivered_order_is_tipped_for(desk: Desk, state: Fulfilment) -> None:
    desk.database.seed(f"orders/{ORDER_ID}", to_document(order(state, driver=DRIVER)))
    assert _code(await desk.give()) == (409, "NOT_TIPPABLE")


async def test_an_order_without_a_driver_is_not_tipped_for(desk: Desk) -> None:
    desk.database.seed(f"orders/{ORDER_ID}", to_document(order(Fulfilment.DELIVERED)))
    assert _code(await desk.give()) == (409, "NOT_TIPPABLE")


async def test_thirty_days_after_delivery_it_is_too_late_whatever_happened_to_the_order_since(
    desk: Desk,
) -> None:
    desk.deliver(NOW - TIPPED_WITHIN)
    assert (await desk.give()).status_code == 201
    desk.deliver(NOW - TIPPED_WITHIN - timedelta(seconds=1))
    assert _code(await desk.give(key="k2")) == (409, "TIPPING_CLOSED")


async def test_the_same_key_is_one_tip_and_another_amount_under_it_is_refused(desk: Desk) -> None:
    first, again, other = await desk.give(), await desk.give(), await desk.give(6_000)

    assert (again.status_code, again.json()) == (201, first.json())
    assert _code(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(desk.database.collection("tips")) == 1


async def test_tips_that_nobody_paid_in_time_make_room_and_cannot_be_paid_any_more(
    desk: Desk, bus: MemoryBus
) -> None:
    given = [(await desk.give(5_000 + n, f"k{n}")).json()["id"] for n in range(MAX_TIPS)]
    desk.pay(given[0])
    desk.money(given[1], "pending")
    desk.money(given[2], "failed")
    desk.now = NOW + PAYABLE_FOR - timedelta(seconds=1)
    assert _code(await desk.give(key="k5")) == (409, "TOO_MANY_TIPS")

    desk.now = NOW + PAYABLE_FOR
    later = [(await desk.give(key=f"l{n}")).status_code for n in range(MAX_TIPS)]

    assert later == [201, 201, 201, 409, 409]
    lapsed = [tip["lapsed"] for tip in await desk.seen(CUSTOMER)]
    assert lapsed == [False, False, True, True, True, False, False, False]
    store = FirestorePayments(DocumentStore(desk.database, bus))
    for id_ in given[2:]:
        pay = StartPayment(id_, CUSTOMER, Method.UPI_INTENT, "+919800000001", "a@example.com")
        with pytest.raises(OrderClosed):
            await start_payment(pay, store=store, gateway=FakeGateway(), now=desk.now)


async def test_money_that_comes_for_a_lapsed_tip_is_the_drivers(desk: Desk) -> None:
    late = (await desk.give()).json()["id"]
    desk.now = NOW + PAYABLE_FOR
    await desk.give(key="k2")

    desk.pay(late)

    assert [tip["id"] for tip in await desk.seen(DRIVER)] == [late]
    assert (await desk.seen(CUSTOMER))[0]["lapsed"] is False


async def test_of_many_at_once_no_more_than_five_are_made(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.give(1_000 + n, f"k{n}") for n in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] * MAX_TIPS + [409] * (12 - MAX_TIPS)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"TOO_MANY_TIPS"}
    made = {answer.json()["id"]: answer.json()["amount"] for answer in answers if answer.status_code == 201}
    assert {tip["id"]: tip["amount"] for tip in await desk.seen(CUSTOMER)} == made
    assert len(made) == MAX_TIPS


@pytest.mark.parametrize(
    "amount", [0, -1, 99, MAX_TIP + 1, 10**30, 1.5, 100.0, "100", True, None, [], float("1e3")]
)
async def test_an_amount_that_is_none_is_refused(desk: Desk, amount: Any) -> None:
    assert _code(await desk.give(amount)) == (422, "INVALID_REQUEST")
    assert desk.database.collection("tips") == {}


@pytest.mark.parametrize(
    "raw", ['{"amount": NaN}', '{"amount": 1e400}', '{"amount": 100, "driver_id": "me"}']
)
async def test_what_is_no_tip_is_refused(desk: Desk, raw: str) -> None:
    answer = await desk.call("POST", PATH, raw=raw, key="k1")
    assert answer.status_code in (400, 422)
    assert desk.database.collection("tips") == {}


async def test_a_tip_needs_a_key_and_a_verified_person(desk: Desk) -> None:
    assert (await desk.call("POST", PATH, {"amount": 100})).status_code == 400
    assert (await desk.give(uid="half-asha")).status_code == 403
    assert (await desk.call.be("")("POST", PATH, {"amount": 100}, key="k1")).status_code == 401
