"""Operators through the API: another driver, the return, or the end of an order, after the pickup too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("E9", "J2")

ADMIN = f"/api/v1/admin/orders/{ORDER_ID}"
SUPPORT = "support-1"
WHY = {"reason": "the driver vanished"}
CARRIED = [Fulfilment.PICKED_UP, Fulfilment.IN_TRANSIT, Fulfilment.ARRIVED, Fulfilment.FAILED]


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    roles = FakeRoles({SUPPORT: frozenset({Role.SUPPORT})})
    runtime = FakeRuntime(database=database, bus=bus, clock=lambda: NOW)
    run_on(app, runtime, monkeypatch, roles=lambda: roles)
    return Caller(app, SUPPORT)


def put(database: MemoryDatabase, state: Fulfilment, business: Business = Business.FOOD) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(business, state)))


@pytest.mark.parametrize("state", [Fulfilment.READY, *CARRIED, Fulfilment.RETURNING])
async def test_fault_05_support_gives_an_order_to_another_driver_before_and_after_the_pickup(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, state: Fulfilment
) -> None:
    put(database, state)
    answer = await call("POST", f"{ADMIN}/reassign", WHY)
    assert (answer.status_code, answer.json()["fulfilment"]) == (200, "ready")
    [event] = bus.fields("order_reassigned")
    assert event["driver_id"] == DRIVER
    stored = database.data(ORDERS.path(ORDER_ID))
    assert stored["replaced_drivers"] == [DRIVER]
    assert stored["next_check_at"] > NOW
    assert stored["timeline"][-1]["actor"] == "support"


@pytest.mark.parametrize(
    ("business", "state", "goods"),
    [
        *((business, Fulfilment.READY, "ready") for business in (Business.FOOD, Business.LOCAL)),
        *((Business.FOOD, state, "make_again") for state in (*CARRIED, Fulfilment.RETURNING)),
        *((Business.LOCAL, state, "pack_again") for state in (*CARRIED, Fulfilment.RETURNING)),
    ],
)
async def test_the_event_says_what_the_merchant_does_for_the_next_driver(
    call: Caller,
    database: MemoryDatabase,
    bus: MemoryBus,
    business: Business,
    state: Fulfilment,
    goods: str,
) -> None:
    put(database, state, business)
    await call("POST", f"{ADMIN}/reassign", WHY)
    [event] = bus.fields("order_reassigned")
    assert (event["merchant_id"], event["goods"]) == ("mer_1", goods)


async def test_fault_05_the_replaced_driver_has_no_part_in_the_order_any_more(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.READY)
    await call("POST", f"{ADMIN}/reassign", WHY)
    answer = await call.be(DRIVER)("POST", f"/api/v1/driver/orders/{ORDER_ID}/picked-up")
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")


async def test_fault_05_the_replaced_driver_reads_no_address_while_the_order_still_names_them(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.READY)
    driver = call.be(DRIVER)
    [before] = (await driver("GET", "/api/v1/orders?role=driver")).json()["orders"]
    await call("POST", f"{ADMIN}/reassign", WHY)
    [after] = (await driver("GET", "/api/v1/orders?role=driver")).json()["orders"]
    assert before["dropoff"]["address"] != ""
    assert after["dropoff"]["address"] == ""


async def test_an_order_without_a_driver_is_not_given_to_another_one(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.READY)
    await call("POST", f"{ADMIN}/reassign", WHY)
    again = await call("POST", f"{ADMIN}/reassign", WHY)
    assert (again.status_code, again.json()["code"]) == (409, "NO_DRIVER_ASSIGNED")


@pytest.mark.parametrize("state", CARRIED)
async def test_fault_05_support_lets_the_goods_be_returned_and_the_customer_gets_all_money_back(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, state: Fulfilment
) -> None:
    put(database, state)
    answer = await call("POST", f"{ADMIN}/recall", WHY)
    assert (answer.status_code, answer.json()["fulfilment"]) == (200, "returning")
    stored = database.data(ORDERS.path(ORDER_ID))
    assert NOW < stored["next_check_at"] <= NOW + timedelta(hours=24)
    assert stored["timeline"][-1]["actor"] == "support"


@pytest.mark.parametrize("state", [*CARRIED, Fulfilment.RETURNING, Fulfilment.PLACED])
async def test_fault_05_support_ends_an_order_whose_goods_are_lost_and_nothing_is_retained(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, state: Fulfilment
) -> None:
    put(database, state)
    answer = await call("POST", f"{ADMIN}/cancel", {"reason": "the driver vanished"})
    assert (answer.status_code, answer.json()["fulfilment"]) == (200, "cancelled")
    [event] = bus.fields("order_cancelled")
    assert (event["cancellation_fee"], event["driver_id"], event["role"]) == (0, DRIVER, "support")


@pytest.mark.parametrize("action", ["reassign", "recall", "cancel"])
async def test_a_delivered_order_is_over_for_operators_too(
    call: Caller, database: MemoryDatabase, action: str
) -> None:
    put(database, Fulfilment.DELIVERED)
    answer = await call("POST", f"{ADMIN}/{action}", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")


@pytest.mark.parametrize("action", ["reassign", "recall", "cancel"])
async def test_an_unknown_order_is_not_found(call: Caller, action: str) -> None:
    answer = await call("POST", f"{ADMIN}/{action}", WHY)
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("uid", [CUSTOMER, DRIVER])
async def test_nobody_but_operators_does_so(call: Caller, database: MemoryDatabase, uid: str) -> None:
    put(database, Fulfilment.IN_TRANSIT)
    answer = await call.be(uid)("POST", f"{ADMIN}/reassign", WHY)
    assert answer.status_code == 403


async def test_a_parcel_of_a_traveller_is_given_to_no_other(call: Caller, database: MemoryDatabase) -> None:
    put(database, Fulfilment.IN_TRANSIT, Business.P2P)
    answer = await call("POST", f"{ADMIN}/reassign", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")
