"""What the parties of an order read after its end, and how its timeline names them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.geo import AREA_M, Point, distance_m
from shared.kernel.order import Business, Fulfilment
from shared.orders.substitution_state import Substitution
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, line
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import order_of

OWN, DRIVERS = f"/api/v1/orders/{ORDER_ID}", f"/api/v1/driver/orders/{ORDER_ID}"
HOME, GATE = "12th Main", "the code of the gate is 4711"
ASSIGNED = {"state": "assigned", "driver_id": DRIVER}
ENDS: dict[str, tuple[Fulfilment, str, str]] = {
    "delivered": (Fulfilment.ARRIVED, DRIVER, f"{DRIVERS}/delivered"),
    "returned": (Fulfilment.RETURNING, STAFF, f"{OWN}/taken-back"),
    "cancelled": (Fulfilment.CONFIRMED, CUSTOMER, f"{OWN}/cancel"),
}


def put(database: MemoryDatabase, state: Fulfilment) -> None:
    stored = to_document(order_of(Business.FOOD, state, note=GATE))
    database.seed(ORDERS.path(ORDER_ID), {**stored, "assignment": ASSIGNED})


@pytest.fixture(params=ENDS)
async def ended(request: pytest.FixtureRequest, call: Caller, database: MemoryDatabase) -> dict[str, Any]:
    """An order that has just ended: the answer to the one who ended it."""
    state, uid, path = ENDS[request.param]
    put(database, state)
    answer = await call.be(uid)("POST", path, {} if path.endswith("cancel") else None)
    assert answer.status_code == 200, answer.text
    assert answer.json()["fulfilment"] == request.param
    return dict(answer.json())


async def read(call: Caller, uid: str) -> dict[str, Any]:
    return dict((await call.be(uid)("GET", OWN)).json())


@pytest.mark.parametrize(("uid", "role"), [(DRIVER, "driver"), (STAFF, "merchant")])
@pytest.mark.usefixtures("ended")
async def test_fault_06_driver_and_staff_read_the_area_of_an_order_that_has_ended(
    call: Caller, uid: str, role: str
) -> None:
    shown = await read(call, uid)
    (listed,) = (await call.be(uid)("GET", f"/api/v1/orders?role={role}")).json()["orders"]
    assert listed == shown
    assert (shown["dropoff"]["address"], shown["note"]) == ("", "")
    home = order_of(Business.FOOD, Fulfilment.ARRIVED).dropoff
    exact, area = Point(home.lat, home.lng), Point(shown["dropoff"]["lat"], shown["dropoff"]["lng"])
    assert area != exact
    assert distance_m(area, exact) < AREA_M


async def test_fault_06_the_customer_still_reads_where_the_order_went(
    call: Caller, ended: dict[str, Any]
) -> None:
    shown = await read(call, CUSTOMER)
    (listed,) = (await call("GET", "/api/v1/orders")).json()["orders"]
    assert listed == shown
    assert (shown["dropoff"]["address"], shown["note"]) == (HOME, GATE)
    address = HOME if ended["fulfilment"] == "cancelled" else ""
    assert ended["dropoff"]["address"] == address


@pytest.mark.usefixtures("ended")
async def test_fault_06_the_document_that_all_parties_listen_to_is_without_the_address(
    database: MemoryDatabase,
) -> None:
    stored = json.dumps(database.data(ORDERS.path(ORDER_ID)), default=str)
    assert HOME not in stored
    assert GATE not in stored
    details = database.data(f"orders/{ORDER_ID}/private/customer")
    assert (details["customer_id"], details["dropoff"]["address"], details["note"]) == (CUSTOMER, HOME, GATE)


@pytest.mark.parametrize("uid", [DRIVER, STAFF])
async def test_fault_06_an_order_that_ended_before_orders_were_closed_is_closed_when_it_is_read(
    call: Caller, database: MemoryDatabase, uid: str
) -> None:
    put(database, Fulfilment.DELIVERED)
    old = database.data(ORDERS.path(ORDER_ID))
    database.seed(ORDERS.path(ORDER_ID), {k: v for k, v in old.items() if k not in ("closed", "details")})
    assert HOME not in json.dumps(await read(call, uid))
    assert (await read(call, CUSTOMER))["dropoff"]["address"] == HOME


@pytest.mark.parametrize("uid", [CUSTOMER, DRIVER, STAFF])
async def test_until_an_order_ends_all_its_parties_read_the_address(
    call: Caller, database: MemoryDatabase, uid: str
) -> None:
    put(database, Fulfilment.FAILED)
    shown = await read(call, uid)
    assert (shown["dropoff"]["address"], shown["note"]) == (HOME, GATE)


async def test_fault_06_the_timeline_names_roles_and_no_people(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.PLACED)
    for uid, path in (
        (STAFF, f"{OWN}/confirm"),
        (STAFF, f"{OWN}/prepare"),
        (STAFF, f"{OWN}/ready"),
        (DRIVER, f"{DRIVERS}/picked-up"),
    ):
        assert (await call.be(uid)("POST", path)).status_code == 200
    entries = (await call.be(CUSTOMER)("GET", f"{OWN}/events")).json()["events"]
    assert [entry["actor"] for entry in entries] == ["merchant", "merchant", "merchant", "driver"]
    assert STAFF not in json.dumps(database.data(ORDERS.path(ORDER_ID)), default=str)


@pytest.mark.parametrize(("uid", "role"), [(CUSTOMER, "customer"), (STAFF, "merchant")])
async def test_fault_06_a_cancellation_names_the_role_of_the_canceller(
    call: Caller, database: MemoryDatabase, uid: str, role: str
) -> None:
    put(database, Fulfilment.CONFIRMED)
    assert (await call.be(uid)("POST", f"{OWN}/cancel", {})).status_code == 200
    (entry,) = (await call.be(CUSTOMER)("GET", f"{OWN}/events")).json()["events"]
    assert (entry["type"], entry["actor"]) == ("order_cancelled", role)


def test_fault_06_a_substitution_does_not_name_the_member_of_staff() -> None:
    assert "proposed_by" not in to_document(Substitution("sub_1", line(), line(), NOW, NOW))


@pytest.mark.usefixtures("ended")
async def test_a_stranger_reads_no_closed_order(call: Caller) -> None:
    assert (await call.be(STRANGER)("GET", OWN)).status_code == 404
