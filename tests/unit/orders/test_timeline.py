"""The timeline, read from a sequence number by the route, and from the document by a listener."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.order import Business, Fulfilment
from tests.builders import CUSTOMER, DRIVER, ORDER_ID, STAFF, STRANGER
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("C7")

PATH, DRIVERS = f"/api/v1/orders/{ORDER_ID}", f"/api/v1/driver/orders/{ORDER_ID}"
WAY = (
    (STAFF, f"{PATH}/confirm", None),
    (STAFF, f"{PATH}/prepare", None),
    (STAFF, f"{PATH}/ready", None),
    (DRIVER, f"{DRIVERS}/picked-up", None),
    (DRIVER, f"{DRIVERS}/in-transit", None),
    (DRIVER, f"{DRIVERS}/arrived", None),
    (DRIVER, f"{DRIVERS}/failed", {"reason": "customer_absent"}),
    (DRIVER, f"{DRIVERS}/redeliver", None),
    (DRIVER, f"{DRIVERS}/arrived", None),
    (DRIVER, f"{DRIVERS}/failed", {"reason": "refused"}),
    (DRIVER, f"{DRIVERS}/returning", None),
    (STAFF, f"{PATH}/taken-back", None),
)


def plain(entry: dict[str, Any]) -> tuple[Any, ...]:
    at = entry["at"]
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return entry["seq"], entry["event_id"], entry["type"], moment, entry["actor"]


@pytest.fixture
async def shown(call: Caller, database: MemoryDatabase) -> list[list[Any]]:
    """What a listener on the document is shown after each step of an order's whole way."""
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(Business.FOOD, Fulfilment.PLACED)))
    seen = []
    for uid, path, body in WAY:
        answer = await call.be(uid)("POST", path, body)
        assert answer.status_code == 200, answer.text
        seen.append(database.data(ORDERS.path(ORDER_ID))["timeline"])
    return seen


async def test_the_route_and_the_listener_agree_from_every_sequence_number_on(
    call: Caller, shown: list[list[Any]]
) -> None:
    seen = [plain(entry) for entry in shown[-1]]
    assert [seq for seq, *_ in seen] == list(range(1, len(WAY) + 1))
    for uid in (CUSTOMER, STAFF, DRIVER):
        for after in range(len(WAY) + 2):
            answer = await call.be(uid)("GET", f"{PATH}/events?after={after}")
            assert [plain(entry) for entry in answer.json()["events"]] == seen[after:]


async def test_a_listener_sees_a_history_that_only_grows(shown: list[list[Any]]) -> None:
    for number, snapshot in enumerate(shown):
        assert snapshot == shown[-1][: number + 1]
    assert len({entry["event_id"] for entry in shown[-1]}) == len(WAY)


@pytest.mark.parametrize("after", ["-1", "x", "", "1e3", "99999999999999999999", "NaN"])
async def test_an_invalid_sequence_number_is_refused(
    call: Caller, shown: list[list[Any]], after: str
) -> None:
    answer = await call("GET", f"{PATH}/events?after={after}")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_stranger_reads_no_timeline(call: Caller, shown: list[list[Any]]) -> None:
    assert (await call.be(STRANGER)("GET", f"{PATH}/events?after=0")).status_code == 404
