"""An idempotency key repeats an answer, and gives back no more than the person may read now."""

from __future__ import annotations

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, dismiss, hire
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("A1", "C3")

ORDER, ADMIN = f"/api/v1/orders/{ORDER_ID}", f"/api/v1/admin/orders/{ORDER_ID}"
PICK_UP = f"/api/v1/driver/orders/{ORDER_ID}/picked-up"
SUPPORT, OTHER = "support-1", "staff-2"
WHY = {"reason": "the driver vanished"}
HOME, GATE = "12th Main", "the code of the gate is 4711"


@pytest.fixture
def call(database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Caller:
    roles = FakeRoles({SUPPORT: frozenset({Role.SUPPORT})})
    run_on(app, FakeRuntime(database=database, bus=bus, clock=lambda: NOW), monkeypatch, roles=lambda: roles)
    for member in (STAFF, OTHER):
        hire(database, member)
    return Caller(app)


def put(database: MemoryDatabase, state: Fulfilment) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(Business.FOOD, state, note=GATE)))


async def test_a_repeated_key_gets_the_same_answer_while_nothing_has_changed(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.PLACED)
    first, again = [await call.be(STAFF)("POST", f"{ORDER}/confirm", key="k") for _ in range(2)]
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert HOME in again.text


async def test_a_dismissed_employee_who_repeats_a_key_finds_no_order(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.PLACED)
    await call.be(OTHER)("POST", f"{ORDER}/confirm", key="k")
    dismiss(database, OTHER)
    again = await call.be(OTHER)("POST", f"{ORDER}/confirm", key="k")
    assert (again.status_code, again.json()["code"]) == (404, "ORDER_NOT_FOUND")


async def test_a_replaced_driver_who_repeats_a_key_finds_no_order(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.READY)
    assert (await call.be(DRIVER)("POST", PICK_UP, key="k")).status_code == 200
    await call.be(SUPPORT)("POST", f"{ADMIN}/reassign", WHY)
    again = await call.be(DRIVER)("POST", PICK_UP, key="k")
    assert (again.status_code, again.json()["code"]) == (404, "ORDER_NOT_FOUND")


async def test_after_the_end_a_repeated_key_gives_the_answer_without_the_address(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.PLACED)
    first = await call.be(STAFF)("POST", f"{ORDER}/confirm", key="k")
    await call.be(CUSTOMER)("POST", f"{ORDER}/cancel", {"reason": "no time"})
    again = await call.be(STAFF)("POST", f"{ORDER}/confirm", key="k")
    assert (again.status_code, again.json()["fulfilment"]) == (200, first.json()["fulfilment"])
    assert HOME in first.text
    assert HOME not in again.text
    assert GATE not in again.text


async def test_after_the_end_an_operator_reads_the_address_by_a_look_that_is_audited_alone(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.READY)
    first = await call.be(SUPPORT)("POST", f"{ADMIN}/reassign", WHY, key="k")
    await call.be(SUPPORT)("POST", f"{ADMIN}/cancel", WHY)
    again = await call.be(SUPPORT)("POST", f"{ADMIN}/reassign", WHY, key="k")
    assert (first.status_code, again.status_code) == (200, 200)
    assert HOME in first.text
    assert HOME not in again.text
    assert GATE not in again.text


async def test_the_customer_who_repeats_a_key_reads_their_own_address_after_the_end(
    call: Caller, database: MemoryDatabase
) -> None:
    put(database, Fulfilment.PLACED)
    first, again = [
        await call.be(CUSTOMER)("POST", f"{ORDER}/cancel", {"reason": "no time"}, key="k") for _ in range(2)
    ]
    assert (again.status_code, again.json()) == (200, first.json())
    assert HOME in again.text
