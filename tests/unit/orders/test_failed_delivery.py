"""Failed deliveries through the API: another attempt or the return, and the fee."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.actor import Actor, Role
from shared.kernel.order import Business, Fulfilment
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import Fault, Step
from shared.orders.domain import FailureReason
from shared.orders.failures import CAUSES, MAX_ATTEMPTS
from shared.orders.retention import retained_on_return
from shared.orders.transitions import advance
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("C9")

OWN, DRIVERS = f"/api/v1/orders/{ORDER_ID}", f"/api/v1/driver/orders/{ORDER_ID}"
TRIP, FOOD, EVERYTHING = 2_500, 25_200, 27_700


@pytest.fixture
def driver(call: Caller) -> Caller:
    return call.be(DRIVER)


@pytest.fixture(autouse=True)
def at_the_door(database: MemoryDatabase) -> None:
    put(database, Fulfilment.ARRIVED)


def put(database: MemoryDatabase, state: Fulfilment, **changes: Any) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(Business.FOOD, state, **changes)))


async def fail(driver: Caller, reason: str) -> dict[str, Any]:
    answer = await driver("POST", f"{DRIVERS}/failed", {"reason": reason})
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()
    return order


@pytest.mark.parametrize(
    ("reason", "fee"),
    [
        ("customer_absent", EVERYTHING),
        ("refused", EVERYTHING),
        ("address_wrong", EVERYTHING),
        ("no_valid_id", EVERYTHING),
        ("wrong_items", 0),
        ("damaged", 0),
        ("breakdown", 0),
        ("unsafe", 0),
    ],
)
async def test_a_failed_delivery_returns_to_the_merchant_at_a_fee_that_depends_on_the_fault(
    call: Caller, driver: Caller, database: MemoryDatabase, bus: MemoryBus, reason: str, fee: int
) -> None:
    failed = await fail(driver, reason)
    await driver("POST", f"{DRIVERS}/returning")
    back = await call.be(STAFF)("POST", f"{OWN}/taken-back")

    assert (failed["fulfilment"], failed["failure"], failed["cancellation_fee"]) == ("failed", reason, 0)
    assert (back.status_code, back.json()["fulfilment"], back.json()["cancellation_fee"]) == (
        200,
        "returned",
        fee,
    )
    assert bus.names() == ["order_delivery_failed", "order_returning", "order_returned"]
    [event] = bus.fields("order_returned")
    assert (event["cancellation_fee"], event["payment_id"], event["driver_id"]) == (fee, "pay_1", DRIVER)
    stored = database.data(ORDERS.path(ORDER_ID))
    assert [entry["type"] for entry in stored["timeline"]] == bus.names()
    assert stored["assignment"]["driver_id"] == DRIVER


async def test_a_second_attempt_delivers_and_has_timeline_entries_of_its_own(
    driver: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.IN_TRANSIT)
    await driver("POST", f"{DRIVERS}/arrived")
    await fail(driver, "customer_absent")
    again = (await driver("POST", f"{DRIVERS}/redeliver")).json()
    await driver("POST", f"{DRIVERS}/arrived")
    done = (await driver("POST", f"{DRIVERS}/delivered")).json()

    assert (again["fulfilment"], again["delivery_attempt"], again["failure"]) == ("in_transit", 2, None)
    assert (done["fulfilment"], done["cancellation_fee"]) == ("delivered", 0)
    timeline = database.data(ORDERS.path(ORDER_ID))["timeline"]
    assert [entry["type"] for entry in timeline] == [
        "order_arrived",
        "order_delivery_failed",
        "order_redelivery_started",
        "order_arrived",
        "order_delivered",
    ]
    assert [entry["seq"] for entry in timeline] == [1, 2, 3, 4, 5]


async def test_after_the_last_attempt_the_goods_can_only_be_returned(driver: Caller) -> None:
    for _ in range(MAX_ATTEMPTS - 1):
        await fail(driver, "customer_absent")
        assert (await driver("POST", f"{DRIVERS}/redeliver")).status_code == 200
        await driver("POST", f"{DRIVERS}/arrived")
    await fail(driver, "customer_absent")

    refused = await driver("POST", f"{DRIVERS}/redeliver")
    assert (refused.status_code, refused.json()["code"]) == (409, "NOT_DELIVERABLE_AGAIN")
    assert (await driver("POST", f"{DRIVERS}/returning")).status_code == 200


@pytest.mark.parametrize("reason", sorted(reason for reason, cause in CAUSES.items() if not cause.retryable))
async def test_goods_whose_failure_is_not_retryable_are_not_redelivered(driver: Caller, reason: str) -> None:
    await fail(driver, reason)
    refused = await driver("POST", f"{DRIVERS}/redeliver")
    assert (refused.status_code, refused.json()["code"]) == (409, "NOT_DELIVERABLE_AGAIN")


@pytest.mark.parametrize("state", [Fulfilment.PICKED_UP, Fulfilment.IN_TRANSIT])
@pytest.mark.parametrize("reason", FailureReason)
async def test_a_failure_is_not_the_customers_fault_before_the_driver_arrives(
    driver: Caller, database: MemoryDatabase, state: Fulfilment, reason: FailureReason
) -> None:
    put(database, state)
    answer = await driver("POST", f"{DRIVERS}/failed", {"reason": reason.value})
    if CAUSES[reason].fault is Fault.CUSTOMER:
        assert (answer.status_code, answer.json()["code"]) == (409, "NOT_AT_THE_DOOR")
    else:
        assert answer.json()["fulfilment"] == "failed"


async def test_a_second_failure_report_is_refused_and_with_the_same_key_gets_the_same_answer(
    driver: Caller, bus: MemoryBus
) -> None:
    body = {"reason": "refused"}
    first = await driver("POST", f"{DRIVERS}/failed", body, key="k")
    again = await driver("POST", f"{DRIVERS}/failed", body, key="k")
    other = await driver("POST", f"{DRIVERS}/failed", body)

    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    assert bus.names() == ["order_delivery_failed"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "bored"},
        {"reason": None},
        {"reason": 7},
        {"reason": "refused", "fee": 1},
    ],
)
async def test_an_unknown_reason_is_refused_with_its_field(
    driver: Caller, database: MemoryDatabase, body: dict[str, Any]
) -> None:
    answer = await driver("POST", f"{DRIVERS}/failed", body)
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
    assert database.commits == []


@pytest.mark.parametrize(
    ("path", "state", "allowed"),
    [
        (f"{DRIVERS}/failed", Fulfilment.ARRIVED, DRIVER),
        (f"{DRIVERS}/redeliver", Fulfilment.FAILED, DRIVER),
        (f"{DRIVERS}/returning", Fulfilment.FAILED, DRIVER),
        (f"{OWN}/taken-back", Fulfilment.RETURNING, STAFF),
    ],
)
async def test_only_the_responsible_party_takes_a_step(
    call: Caller, database: MemoryDatabase, path: str, state: Fulfilment, allowed: str
) -> None:
    put(database, state)
    body = {"reason": "refused"} if path.endswith("failed") else None
    for uid, status in [("", 401), (f"half-{allowed}", 403), (STRANGER, 404)]:
        assert (await call.be(uid)("POST", path, body)).status_code == status
    for uid in {CUSTOMER, STAFF, DRIVER} - {allowed}:
        answer = await call.be(uid)("POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_PERMITTED")
    assert database.commits == []
    assert (await call.be(allowed)("POST", path, body)).status_code == 200


@pytest.mark.parametrize("business", Business)
def test_only_the_customers_own_fault_costs_the_customer(business: Business) -> None:
    assert set(POLICIES[business].retained_on_return) <= {Fault.CUSTOMER}
    for reason, cause in CAUSES.items():
        kept = retained_on_return(order_of(business, Fulfilment.RETURNING, failure=reason))
        assert bool(kept) == (cause.fault is Fault.CUSTOMER)


def test_a_parcel_returns_to_its_sender() -> None:
    parcel = order_of(Business.P2P, Fulfilment.RETURNING, failure=FailureReason.REFUSED)
    back = advance(parcel, Step.TAKE_BACK, Actor(CUSTOMER, Role.CUSTOMER), NOW).state
    assert (back.fulfilment, back.cancellation_fee) == (Fulfilment.RETURNED, TRIP)


def test_goods_that_return_without_a_reason_cost_nothing() -> None:
    old = replace(order_of(Business.FOOD, Fulfilment.RETURNING), failure=None)
    assert retained_on_return(old) == 0
