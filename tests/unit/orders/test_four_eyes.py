"""An operator takes no step on an order that they are a party to; another operator does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, dismiss, hire
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("J2")

ADMIN = f"/api/v1/admin/orders/{ORDER_ID}"
FORMER = "driver-0"
OTHER = "support-1"
WHY = {"reason": "asked for it"}
PARTIES = [CUSTOMER, DRIVER, FORMER, STAFF]


@pytest.fixture
def call(database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch) -> Caller:
    roles = FakeRoles({uid: frozenset({Role.SUPPORT}) for uid in (*PARTIES, OTHER)})
    run_on(app, FakeRuntime(database=database, clock=lambda: NOW), monkeypatch, roles=lambda: roles)
    database.seed(
        ORDERS.path(ORDER_ID),
        to_document(replace(order_of(Business.FOOD, Fulfilment.IN_TRANSIT), replaced_drivers=(FORMER,))),
    )
    hire(database, STAFF)
    return Caller(app, OTHER)


@pytest.mark.parametrize("action", ["reassign", "recall", "cancel"])
@pytest.mark.parametrize("uid", PARTIES)
async def test_an_operator_who_is_a_party_to_an_order_takes_no_step_on_it(
    call: Caller, database: MemoryDatabase, uid: str, action: str
) -> None:
    answer = await call.be(uid)("POST", f"{ADMIN}/{action}", WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "OPERATOR_INVOLVED")
    assert database.data(ORDERS.path(ORDER_ID))["fulfilment"] == "in_transit"
    assert database.collection("audit") == {}


@pytest.mark.parametrize("action", ["reassign", "recall", "cancel"])
async def test_another_operator_takes_the_step(call: Caller, action: str) -> None:
    assert (await call("POST", f"{ADMIN}/{action}", WHY)).status_code == 200


async def test_an_operator_who_no_longer_works_for_the_merchant_takes_the_step(
    call: Caller, database: MemoryDatabase
) -> None:
    dismiss(database, STAFF)
    assert (await call.be(STAFF)("POST", f"{ADMIN}/cancel", WHY)).status_code == 200
