"""Support and admins read any order, each look audited, list them, and end them by policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.actor import Role
from shared.kernel.order import AssignmentState, Business, Fulfilment
from shared.orders.domain import Assignment
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("A1", "C3", "J2")

LIST = "/api/v1/admin/orders"
ONE = f"{LIST}/{ORDER_ID}"
HOME, GATE = "12th Main", "the code of the gate is 4711"
SUPPORT, ADMIN = "support-1", "admin-1"


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    roles = FakeRoles({SUPPORT: frozenset({Role.SUPPORT}), ADMIN: frozenset({Role.ADMIN})})
    runtime = FakeRuntime(database=database, bus=bus, clock=lambda: NOW)
    run_on(app, runtime, monkeypatch, roles=lambda: roles)
    return Caller(app, SUPPORT)


def put(database: MemoryDatabase, state: Fulfilment = Fulfilment.CONFIRMED, **changes: Any) -> str:
    made = replace(order_of(Business.FOOD, state, note=GATE), **changes)
    database.seed(ORDERS.path(made.id), to_document(made))
    return made.id


def entries(database: MemoryDatabase) -> list[tuple[str, str, str, str]]:
    fields = ("actor_id", "action", "subject_id", "reason")
    found = (tuple(entry[field] for field in fields) for entry in database.collection("audit").values())
    return sorted(found)


@pytest.mark.parametrize("uid", [SUPPORT, ADMIN])
@pytest.mark.parametrize("path", [ONE, f"{ONE}/events"])
async def test_an_operator_reads_any_order_and_each_look_is_audited(
    call: Caller, database: MemoryDatabase, uid: str, path: str
) -> None:
    put(database)
    for _ in range(2):
        assert (await call.be(uid)("GET", path)).status_code == 200
    assert entries(database) == [(uid, "order_read", ORDER_ID, "")] * 2


async def test_an_operator_reads_the_address_of_an_order_that_has_ended(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database)
    await call.be(CUSTOMER)("POST", f"/api/v1/orders/{ORDER_ID}/cancel", {})
    shown = (await call("GET", ONE)).json()["order"]
    assert (shown["dropoff"]["address"], shown["note"]) == (HOME, GATE)


async def test_an_operator_reads_who_was_asked_and_why_the_order_was_escalated(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, assignment=Assignment(AssignmentState.UNASSIGNABLE, since=NOW, escalated_at=NOW))
    search = {
        "attempt": 3,
        "excluded_drivers": ["asha"],
        "former_drivers": ["dev"],
        "escalation": "no_driver",
    }
    database.seed(f"orders/{ORDER_ID}/private/search", search)
    shown = (await call("GET", ONE)).json()
    assert (shown["escalation"], shown["offers_made"], shown["drivers_asked"], shown["former_drivers"]) == (
        "no_driver",
        3,
        ["asha"],
        ["dev"],
    )


@pytest.mark.parametrize("uid", [CUSTOMER, DRIVER, STAFF])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", LIST, None),
        ("GET", f"{LIST}/attention", None),
        ("GET", ONE, None),
        ("GET", f"{ONE}/events", None),
        ("POST", f"{ONE}/cancel", {"reason": "fraud"}),
    ],
)
async def test_the_parties_of_an_order_are_no_operators(
    call: Caller, database: MemoryDatabase, uid: str, method: str, path: str, body: Any
) -> None:
    put(database)
    answer = await call.be(uid)(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")
    assert entries(database) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("GET", "/events", None), ("POST", "/cancel", {"reason": "fraud"})],
)
async def test_a_look_at_no_order_leaves_no_entry(
    call: Caller, database: MemoryDatabase, method: str, path: str, body: Any
) -> None:
    answer = await call(method, f"{LIST}/ord_unknown{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")
    assert entries(database) == []


@pytest.mark.parametrize(("uid", "role"), [(SUPPORT, "support"), (ADMIN, "admin")])
async def test_an_operator_cancels_with_a_reason_and_the_customer_loses_no_money(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, uid: str, role: str
) -> None:
    put(database, Fulfilment.PREPARING)
    answer = await call.be(uid)("POST", f"{ONE}/cancel", {"reason": "fraud"})
    assert (answer.status_code, answer.json()["fulfilment"]) == (200, "cancelled")
    [event] = bus.fields("order_cancelled")
    assert (event["cancellation_fee"], event["role"], event["reason"]) == (0, role, "fraud")
    assert entries(database) == [(uid, "order_cancelled", ORDER_ID, "fraud")]


async def test_a_cancellation_that_the_policy_refuses_leaves_no_entry(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.DELIVERED)
    answer = await call("POST", f"{ONE}/cancel", {"reason": "fraud"})
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    assert entries(database) == []


@pytest.mark.parametrize("step", ["reassign", "recall", "cancel"])
@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " "}, {"reason": "x", "fee": 0}])
async def test_a_step_of_an_operator_without_a_reason_is_refused(
    call: Caller, database: MemoryDatabase, body: Any, step: str
) -> None:
    put(database, Fulfilment.PICKED_UP)
    assert (await call("POST", f"{ONE}/{step}", body)).status_code == 422
    assert entries(database) == []


@pytest.mark.parametrize(("step", "action"), [("reassign", "order_reassigned"), ("recall", "order_recalled")])
async def test_each_step_of_an_operator_is_audited(
    call: Caller, database: MemoryDatabase, step: str, action: str
) -> None:
    put(database, Fulfilment.PICKED_UP)
    assert (await call("POST", f"{ONE}/{step}", {"reason": "fraud"})).status_code == 200
    assert entries(database) == [(SUPPORT, action, ORDER_ID, "fraud")]


@pytest.mark.parametrize("step", ["reassign", "recall", "cancel"])
async def test_a_second_click_gets_the_same_answer_and_leaves_no_second_entry(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, step: str
) -> None:
    put(database, Fulfilment.PICKED_UP)
    first = await call("POST", f"{ONE}/{step}", {"reason": "fraud"}, key="k1")
    again = await call("POST", f"{ONE}/{step}", {"reason": "fraud"}, key="k1")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert len(entries(database)) == 1
    assert len(bus.messages) == 1
    other = await call("POST", f"{ONE}/{step}", {"reason": "another"}, key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


SHOPS = (("mer_1", Business.FOOD), ("mer_2", Business.FOOD), ("mer_3", Business.LOCAL))


@pytest.fixture
def orders(database: MemoryDatabase) -> None:
    """Six orders: of three shops, a confirmed and a delivered one each, a minute apart."""
    for number, (shop, business) in enumerate(SHOPS):
        for later, state in enumerate((Fulfilment.CONFIRMED, Fulfilment.DELIVERED)):
            name, at = f"ord_{number}{later}", NOW + timedelta(minutes=10 * number + later)
            put(database, state, id=name, merchant_id=shop, business=business, placed_at=at)


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["21", "20", "11", "10", "01", "00"]),
        ("merchant_id=mer_2", ["11", "10"]),
        ("business=local", ["21", "20"]),
        ("business=food&merchant_id=mer_1", ["01", "00"]),
        ("business=local&merchant_id=mer_1", []),
        ("fulfilment=delivered", ["21", "11", "01"]),
        ("business=food&fulfilment=confirmed", ["10", "00"]),
        ("merchant_id=mer_3&fulfilment=confirmed&fulfilment=placed", ["20"]),
        ("placed_since=2026-11-20T12:10:00Z&placed_until=2026-11-20T12:20:00Z", ["11", "10"]),
    ],
)
async def test_operators_list_orders_by_state_merchant_business_and_time(
    call: Caller, query: str, found: list[str]
) -> None:
    answer = await call("GET", f"{LIST}?{query}")
    assert [order["id"].removeprefix("ord_") for order in answer.json()["orders"]] == found
    assert HOME not in answer.text
    assert GATE not in answer.text


@pytest.mark.usefixtures("orders")
async def test_a_list_for_operators_comes_page_by_page(call: Caller) -> None:
    seen, token = [], ""
    for _ in range(9):
        page = (await call("GET", f"{LIST}?page_size=4&page_token={token}")).json()
        seen += [order["id"] for order in page["orders"]]
        token = page["next_page_token"]
        if not token:
            break
    assert (len(seen), len({*seen})) == (6, 6)
    assert (await call("GET", f"{LIST}?page_size=101")).status_code == 422


@pytest.mark.parametrize("why", ["escalated", "overdue"])
async def test_orders_that_need_an_operator_are_listed_the_longest_waiting_first(
    call: Caller, database: MemoryDatabase, why: str
) -> None:
    for number in range(5):
        since = NOW + timedelta(minutes=5 - number)
        escalated = since if why == "escalated" else None
        assignment = Assignment(AssignmentState.UNASSIGNABLE, escalated_at=escalated)
        delayed = since if why == "overdue" else None
        name = put(database, id=f"ord_{number}", delayed_since=delayed, assignment=assignment)
        database.seed(f"orders/{name}/private/search", {"escalation": "no_driver", "attempt": number})
    put(database)
    seen, token = [], ""
    for _ in range(4):
        page = (await call("GET", f"{LIST}/attention?why={why}&page_size=2&page_token={token}")).json()
        seen += [(order["id"], order["escalation"], order["offers_made"]) for order in page["orders"]]
        token = page["next_page_token"]
        if not token:
            break
    assert seen == [(f"ord_{number}", "no_driver", number) for number in (4, 3, 2, 1, 0)]
