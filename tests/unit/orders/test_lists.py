"""Lists of orders and recurrences: every page is complete; and who may start a recurrence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.orders_api import recurrence_routes
from functions.orders_api.main import app
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.adapters.firestore.recurrences import RECURRENCES
from shared.edge.ratelimit import CREATING, policy_of
from shared.kernel.access import AccountStatus
from shared.kernel.order import Business, Fulfilment
from shared.orders.recurrences.domain import Recurrence
from tests.builders import CUSTOMER, NOW
from tests.fakes.accounts import Caller, FakeRoles
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.machines import order_of
from tests.unit.orders.world import HOME, World

pytestmark = pytest.mark.mission("C5")

RECURRENCE: dict[str, Any] = {
    "merchant_id": "mer_1",
    "items": [{"item_id": "dosa", "quantity": 1}],
    "dropoff": {"lat": HOME.lat, "lng": HOME.lng, "address": HOME.address},
    "rule": "FREQ=DAILY",
    "starts_at": (NOW + timedelta(days=2)).isoformat(),
}


async def _all_of(call: Caller, path: str, field: str) -> list[str]:
    """Return the ids of all pages of a list."""
    ids: list[str] = []
    token, pages = "", 0
    while token or not pages:
        answer = (await call("GET", f"{path}?page_size=2&page_token={token}")).json()
        ids += [one["id"] for one in answer[field]]
        token, pages = answer["next_page_token"], pages + 1
        assert pages < 20, "the pages go round in a circle"
    return ids


async def test_an_unreadable_order_hides_no_other(call: Caller, database: MemoryDatabase) -> None:
    for n in range(7):
        order = order_of(Business.FOOD, Fulfilment.PLACED, id=f"ord_{n}", placed_at=NOW + timedelta(n))
        odd = {"business": "laundry"} if n in (1, 4, 5) else {}
        database.seed(ORDERS.path(order.id), to_document(order) | odd)

    assert await _all_of(call, "/api/v1/orders", "orders") == ["ord_6", "ord_3", "ord_2", "ord_0"]


async def test_an_unreadable_recurrence_hides_no_other(call: Caller, database: MemoryDatabase) -> None:
    for n in range(4):
        recurrence = Recurrence(f"rec_{n}", CUSTOMER, "mer_1", (), HOME, 0, "", "UTC", NOW, NOW, None, None)
        odd = {"tip": "much"} if n == 2 else {}
        database.seed(RECURRENCES.path(recurrence.id), to_document(recurrence) | odd)

    assert await _all_of(call, "/api/v1/recurrences", "recurrences") == ["rec_3", "rec_1", "rec_0"]


async def test_an_ended_session_starts_no_recurrence(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    roles = FakeRoles(statuses={"fled": AccountStatus(disabled=True)})
    runtime = FakeRuntime(database=world.database, bus=world.bus, clock=lambda: NOW)
    run_on(app, runtime, monkeypatch, roles=lambda: roles)

    refused = await call.be("fled")("POST", "/api/v1/recurrences", RECURRENCE, key="k1")
    assert (refused.status_code, refused.json()["code"]) == (403, "ACCOUNT_DISABLED")
    assert (await call.be(CUSTOMER)("POST", "/api/v1/recurrences", RECURRENCE, key="k1")).status_code == 201


def test_starting_recurrences_has_the_rate_limit_of_placing_orders() -> None:
    assert policy_of(recurrence_routes.start) == CREATING


@pytest.mark.parametrize("name", ["placed_since", "placed_until"])
async def test_a_time_outside_the_calendar_is_refused(call: Caller, name: str) -> None:
    answer = await call("GET", f"/api/v1/orders?{name}=0001-01-01T00:00:00%2B14:00")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
