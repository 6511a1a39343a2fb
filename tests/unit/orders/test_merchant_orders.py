"""What the staff of a restaurant, a shop and a pharmacy do with a paid order, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment
from shared.notifications.kinds import Audience, TemplateKey
from shared.notifications.templates import TEXTS
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import Step
from tests.builders import CUSTOMER, DRIVER, ORDER_ID, STAFF
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("C2")

ORDER = f"/api/v1/orders/{ORDER_ID}"
WITH_STAFF = [
    business for business, policy in POLICIES.items() if Role.MERCHANT in policy.steps[Step.CONFIRM].roles
]


def seed(database: MemoryDatabase, business: Business, state: Fulfilment, **changes: Any) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(business, state, **changes)))


@pytest.mark.parametrize("business", WITH_STAFF)
async def test_staff_do_what_the_notification_of_a_paid_order_asks_for(
    call: Caller, database: MemoryDatabase, business: Business
) -> None:
    _, asked = TEXTS[TemplateKey.PAYMENT_CAPTURED, Audience.MERCHANT]["en"]
    assert "confirm" in asked
    seed(database, business, Fulfilment.PLACED)

    answer = await call.be(STAFF)("POST", f"{ORDER}/confirm")

    assert (answer.status_code, answer.json()["fulfilment"]) == (200, "confirmed")


@pytest.mark.parametrize("business", WITH_STAFF)
async def test_an_order_is_confirmed_then_prepared_then_ready(
    call: Caller, database: MemoryDatabase, bus: MemoryBus, business: Business
) -> None:
    seed(database, business, Fulfilment.PLACED)
    words = POLICIES[business].status_words.words

    for step, state in (("confirm", "confirmed"), ("prepare", "preparing"), ("ready", "ready")):
        answer = await call.be(STAFF)("POST", f"{ORDER}/{step}")
        assert (answer.status_code, answer.json()["fulfilment"]) == (200, state)
        shown = answer.json()["status"]["own"]
        assert shown in (words[Fulfilment(state)], POLICIES[business].status_words.assigned)

    assert bus.names() == ["order_confirmed", "order_ready"]
    picked_up = await call.be(DRIVER)("POST", f"/api/v1/driver/orders/{ORDER_ID}/picked-up")
    assert picked_up.status_code == 200


@pytest.mark.parametrize("step", ["prepare", "ready"])
async def test_a_local_order_is_not_ready_before_it_is_confirmed_and_picked(
    call: Caller, database: MemoryDatabase, step: str
) -> None:
    seed(database, Business.LOCAL, Fulfilment.PLACED)

    answer = await call.be(STAFF)("POST", f"{ORDER}/{step}")

    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")


@pytest.mark.parametrize(
    ("state", "fee"), [("placed", 0), ("confirmed", 0), ("preparing", 2_500), ("ready", 2_500)]
)
async def test_a_customer_cancels_a_local_order_free_of_charge_until_it_is_picked(
    call: Caller, database: MemoryDatabase, state: str, fee: int
) -> None:
    seed(database, Business.LOCAL, Fulfilment(state))

    shown = (await call.be(CUSTOMER)("GET", f"{ORDER}/cancellation")).json()
    answer = await call("POST", f"{ORDER}/cancel", {"max_fee": shown["fee"]})

    assert (shown["allowed"], shown["fee"]) == (True, fee)
    assert (answer.status_code, answer.json()["cancellation_fee"]) == (200, fee)


def test_restaurants_shops_and_pharmacies_have_staff() -> None:
    assert WITH_STAFF == [Business.FOOD, Business.LOCAL, Business.MED]
