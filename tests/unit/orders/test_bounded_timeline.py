"""What an order's document keeps of its past is bounded, and its events are read in pages."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS, FirestoreOrders
from shared.adapters.firestore.timeline import MAX_OF_TYPE
from shared.dispatch.events import OfferExpired, OfferMade
from shared.kernel.actor import Role
from shared.kernel.decision import Decision
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import MAX_REPLACED, Order, OrderDecision
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("A1")

PATH, SUPPORT = f"/api/v1/orders/{ORDER_ID}", "support-1"
OFFERS = 60


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    roles = FakeRoles({SUPPORT: frozenset({Role.SUPPORT})})
    run_on(app, FakeRuntime(database=database, bus=bus, clock=lambda: NOW), monkeypatch, roles=lambda: roles)
    return Caller(app, CUSTOMER)


@pytest.fixture
async def searched(call: Caller, database: MemoryDatabase, orders: FirestoreOrders) -> None:
    """An order that 60 drivers were asked for in vain, after the merchant prepared it."""
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(Business.FOOD, Fulfilment.PLACED)))
    for step in ("confirm", "prepare", "ready"):
        assert (await call.be(STAFF)("POST", f"{PATH}/{step}")).status_code == 200
    for number in range(OFFERS):
        await orders.change(ORDER_ID, partial(_offered, number))


def _offered(number: int, order: Order) -> OrderDecision:
    asked = {"order_id": order.id, "offer_id": f"off_{number}", "driver_id": DRIVER, "actor": "dispatch"}
    at = NOW + timedelta(minutes=number)
    made = OfferMade(id=f"evt_made_{number}", at=at, expires_at=at, merchant_name="", **asked)
    return Decision(order, (made, OfferExpired(id=f"evt_over_{number}", at=at, **asked)), order)


async def test_fault_15_a_long_search_leaves_the_latest_offers_and_all_that_happened_once(
    call: Caller, searched: None
) -> None:
    events = (await call("GET", f"{PATH}/events")).json()["events"]

    assert Counter(event["type"] for event in events) == {
        "order_confirmed": 1,
        "order_preparing": 1,
        "order_ready": 1,
        "offer_made": MAX_OF_TYPE,
        "offer_expired": MAX_OF_TYPE,
    }
    last = 3 + 2 * OFFERS
    assert [event["seq"] for event in events] == [1, 2, 3, *range(last - 2 * MAX_OF_TYPE + 1, last + 1)]
    assert events[-1]["event_id"] == f"evt_over_{OFFERS - 1}"


async def test_fault_15_a_client_that_read_what_is_no_longer_kept_reads_on(
    call: Caller, searched: None
) -> None:
    events = (await call("GET", f"{PATH}/events?after=10")).json()["events"]
    assert len(events) == 2 * MAX_OF_TYPE
    assert (await call("GET", f"{PATH}/events?after={3 + 2 * OFFERS}")).json()["events"] == []


@pytest.mark.parametrize("path", [PATH, f"/api/v1/admin/orders/{ORDER_ID}"])
async def test_fault_15_events_come_in_pages_without_repetition(
    call: Caller, searched: None, path: str
) -> None:
    caller = call.be(SUPPORT if "admin" in path else CUSTOMER)
    whole = (await caller("GET", f"{path}/events")).json()
    pages, token = [], ""
    while True:
        page = (await caller("GET", f"{path}/events?page_size=10&page_token={token}")).json()
        pages.append(page["events"])
        if not (token := page["next_page_token"]):
            break
    assert [event for page in pages for event in page] == whole["events"]
    assert [len(page) for page in pages] == [10, 10, 10, 10, 3]
    assert whole["next_page_token"] == ""


async def test_fault_15_a_page_of_events_has_a_largest_size(call: Caller, searched: None) -> None:
    answer = await call("GET", f"{PATH}/events?page_size=101")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize("path", [PATH, f"/api/v1/admin/orders/{ORDER_ID}"])
async def test_a_token_of_another_list_is_refused(call: Caller, searched: None, path: str) -> None:
    caller = call.be(SUPPORT if "admin" in path else CUSTOMER)
    answer = await caller("GET", f"{path}/events?page_token=WyJ4Il0")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_PAGE_TOKEN")


async def test_fault_15_an_order_that_operators_reassign_again_and_again_stays_small(
    call: Caller, database: MemoryDatabase, bus: MemoryBus
) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(Business.FOOD, Fulfilment.READY)))
    times = MAX_REPLACED + 5
    for number in range(times):
        _assign(database, f"driver-{number}")
        answer = await call.be(SUPPORT)(
            "POST", f"/api/v1/admin/orders/{ORDER_ID}/reassign", {"reason": "late"}
        )
        assert answer.status_code == 200

    stored = database.data(ORDERS.path(ORDER_ID))
    assert stored["replaced_drivers"] == [f"driver-{number}" for number in range(5, times)]
    assert len(stored["timeline"]) == MAX_OF_TYPE
    assert len(bus.fields("order_reassigned")) == times, "each one is told, with an event of its own"
    assert len({event.id for event in bus.messages}) == times


def _assign(database: MemoryDatabase, driver: str) -> None:
    order = ORDERS.parse(database.data(ORDERS.path(ORDER_ID)))
    changed = replace(order, assignment=replace(order.assignment, driver_id=driver))
    database.seed(ORDERS.path(ORDER_ID), to_document(changed))
