"""The staff of a merchant: the membership at the moment of access decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import Query, Snapshot, Write
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.order import Fulfilment, PaymentState
from shared.orders.domain import Order
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, dismiss, hire, order
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on

pytestmark = pytest.mark.mission("B1", "C3")

ORDERS_PATH = "/api/v1/orders"
ORDER = f"{ORDERS_PATH}/{ORDER_ID}"
READS = ("", "/events", "/cancellation", "/substitutions")
PROPOSAL = {"line": 0, "item_id": "idli", "quantity": 1, "modifiers": []}
MEMBERSHIP = f"merchants/mer_1/staff/{STAFF}"


class Recording(MemoryDatabase):
    """A database that records what is read, and that can run something before a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.before_commit: list[Any] = []

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        self.read += paths
        return await super().get_all(paths)

    async def query(self, query: Query) -> list[Snapshot]:
        self.read.append(query.collection)
        return await super().query(query)

    async def commit(self, writes: Sequence[Write]) -> None:
        while self.before_commit:
            self.before_commit.pop()()
        await super().commit(writes)


@pytest.fixture
def database() -> Recording:
    return Recording()


@pytest.fixture
def employee(call: Caller) -> Caller:
    return call.be(STAFF)


def put(database: MemoryDatabase, one: Order) -> None:
    database.seed(ORDERS.path(one.id), to_document(one))


async def ids(caller: Caller, query: str = "") -> list[str]:
    answer = await caller("GET", f"{ORDERS_PATH}?role=merchant{query}")
    assert answer.status_code == 200
    return [found["id"] for found in answer.json()["orders"]]


async def test_fault_02_a_dismissed_employee_reads_nothing(database: Recording, employee: Caller) -> None:
    put(database, order())
    assert {(await employee("GET", ORDER + path)).status_code for path in READS} == {200}
    assert await ids(employee) == await ids(employee, "&merchant_id=mer_1") == [ORDER_ID]

    dismiss(database, STAFF)

    answers = [await employee("GET", ORDER + path) for path in READS]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "ORDER_NOT_FOUND")}
    assert await ids(employee) == await ids(employee, "&merchant_id=mer_1") == []


@pytest.mark.parametrize(
    ("state", "path", "body"),
    [
        (Fulfilment.PLACED, "confirm", None),
        (Fulfilment.CONFIRMED, "prepare", None),
        (Fulfilment.PREPARING, "ready", None),
        (Fulfilment.RETURNING, "taken-back", None),
        (Fulfilment.PLACED, "cancel", {"reason": "sold out"}),
        (Fulfilment.CONFIRMED, "substitutions", PROPOSAL),
    ],
)
async def test_fault_02_a_dismissed_employee_moves_nothing(
    database: Recording, employee: Caller, state: Fulfilment, path: str, body: dict[str, Any] | None
) -> None:
    put(database, order(state, driver=DRIVER if state is Fulfilment.RETURNING else None))
    dismiss(database, STAFF)
    before = database.data(ORDERS.path(ORDER_ID))

    refused = await employee("POST", f"{ORDER}/{path}", body, key="k")

    assert (refused.status_code, refused.json()["code"]) == (404, "ORDER_NOT_FOUND")
    assert database.data(ORDERS.path(ORDER_ID)) == before
    assert database.commits == []


async def test_fault_02_a_new_employee_sees_and_moves_the_open_orders(
    database: Recording, call: Caller
) -> None:
    put(database, order())
    new = call.be("new-1")
    assert (await new("POST", f"{ORDER}/confirm")).status_code == 404

    hire(database, "new-1")

    assert (await new("GET", ORDER)).status_code == 200
    assert await ids(new) == [ORDER_ID]
    assert (await new("POST", f"{ORDER}/confirm")).json()["fulfilment"] == "confirmed"


async def test_a_step_that_is_decided_again_reads_the_membership_again(
    database: Recording, employee: Caller
) -> None:
    """The dismissal commits between the read and the commit, and so does another change of the order."""
    put(database, order())

    def dismissed() -> None:
        dismiss(database, STAFF)
        put(database, order(note="no onions"))

    database.before_commit.append(dismissed)

    assert (await employee("POST", f"{ORDER}/confirm")).status_code == 404
    assert database.data(ORDERS.path(ORDER_ID))["fulfilment"] == "placed"


@pytest.mark.parametrize("path", ["confirm", "prepare", "ready"])
async def test_a_step_of_the_staff_reads_the_order_and_the_staff_once(
    database: Recording, employee: Caller, path: str
) -> None:
    states = {"confirm": Fulfilment.PLACED, "prepare": Fulfilment.CONFIRMED, "ready": Fulfilment.PREPARING}
    put(database, order(states[path]))
    database.read.clear()

    assert (await employee("POST", f"{ORDER}/{path}")).status_code == 200
    # Whether copies are to be believed is read once in three seconds for all orders together (ADR 0022).
    of_the_step = [path for path in database.read if path != "config/copies"]
    assert of_the_step == [ORDERS.path(ORDER_ID), "merchants/mer_1/staff"]


async def test_a_customer_and_a_driver_cost_no_membership(database: Recording, call: Caller) -> None:
    put(database, order(Fulfilment.READY, driver=DRIVER))
    customer, driver = call, call.be(DRIVER)

    for answer in (
        await customer("GET", ORDER),
        await driver("GET", ORDER),
        await driver("POST", f"/api/v1/driver/orders/{ORDER_ID}/picked-up"),
    ):
        assert answer.status_code == 200
    put(database, order())
    assert (await customer("POST", f"{ORDER}/cancel", {"reason": ""})).status_code == 200
    assert not [path for path in database.read if "/staff/" in path]


async def test_a_list_has_the_orders_of_all_merchants_of_a_person_in_pages(
    database: Recording, employee: Caller
) -> None:
    hire(database, STAFF, merchant_id="mer_2")
    for n, merchant_id in enumerate(("mer_1", "mer_2", "mer_3", "mer_2", "mer_1")):
        placed_at = NOW + timedelta(minutes=n)
        put(database, order(id=f"ord_{n}", merchant_id=merchant_id, placed_at=placed_at))

    first = (await employee("GET", f"{ORDERS_PATH}?role=merchant&page_size=3")).json()
    rest = (
        await employee("GET", f"{ORDERS_PATH}?role=merchant&page_token={first['next_page_token']}")
    ).json()

    assert [found["id"] for found in first["orders"]] == ["ord_4", "ord_3", "ord_1"]
    assert [found["id"] for found in rest["orders"]] == ["ord_0"]
    assert await ids(employee, "&merchant_id=mer_2") == ["ord_3", "ord_1"]
    assert await ids(employee, "&merchant_id=mer_3") == []
    assert await ids(employee, "&fulfilment=ready") == []


async def test_a_person_without_a_membership_lists_no_merchants_orders(
    database: Recording, call: Caller
) -> None:
    put(database, order())
    assert await ids(call.be(STRANGER)) == []
    assert await ids(call.be(STRANGER), "&merchant_id=mer_1") == []


async def test_fault_02_an_order_and_its_events_hold_no_list_of_people(
    bus: Any, database: Recording, employee: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_on(app, FakeRuntime(database=database, bus=bus, clock=lambda: NOW), monkeypatch)
    put(database, replace(order(payment=PaymentState.CAPTURED), fulfilment=Fulfilment.PREPARING))
    assert (await employee("POST", f"{ORDER}/ready")).status_code == 200

    [ready] = bus.fields("order_ready")
    assert (ready["merchant_id"], ready["customer_id"]) == ("mer_1", CUSTOMER)
    for stored in (ready, database.data(ORDERS.path(ORDER_ID))):
        assert not [
            name for name, value in stored.items() if STAFF in (value if isinstance(value, list) else ())
        ]
