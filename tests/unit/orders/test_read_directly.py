"""The usual read of an order takes no way through FastAPI: it answers and refuses as the route does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from functions.orders_api.main import app
from functions.orders_api.schemas import OrderView
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import Order
from tests.builders import CUSTOMER, DRIVER, ORDER_ID, STAFF, STRANGER, order
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import order_of

PATH = f"/api/v1/orders/{ORDER_ID}"
OWN = ("x-request-id",)
"""Header fields that differ from answer to answer."""


@pytest.fixture(autouse=True)
def placed(database: MemoryDatabase) -> None:
    """One order on its way."""
    database.seed(ORDERS.path(ORDER_ID), to_document(order(Fulfilment.PICKED_UP, driver=DRIVER)))


def seen(answer: httpx.Response) -> tuple[Any, ...]:
    """What a client sees of an answer, but for what is new in each."""
    content = answer.json() if answer.content else None
    if answer.is_error and content:
        content |= {"request_id": "", "timestamp": ""}
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    return answer.status_code, content, headers.pop("content-length", None) is None, headers


@pytest.mark.parametrize("uid", [CUSTOMER, DRIVER, STAFF, STRANGER, ""])
@pytest.mark.parametrize(
    ("method", "path", "raw", "headers"),
    [
        ("GET", PATH, "", {}),
        ("GET", PATH, "", {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "x_request_id": "mine"}),
        ("GET", PATH, "", {"origin": "https://app.example.com"}),
        ("GET", "/api/v1/orders/ord_none", "", {}),
        ("GET", f"{PATH}?page=1", "", {}),
        ("GET", f"{PATH}/", "", {}),
        ("GET", "/api/v1/orders/-", "", {}),
        ("GET", f"/api/v1/orders/{'x' * 129}", "", {}),
        ("GET", f"{PATH}%0a", "", {}),
        ("GET", "/api/v1/orders/%C3%A9", "", {}),
        ("GET", PATH, "{}", {}),
        ("HEAD", PATH, "", {}),
        ("OPTIONS", PATH, "", {"origin": "https://a.b", "access_control_request_method": "GET"}),
        ("PUT", PATH, "", {}),
    ],
)
async def test_it_answers_and_refuses_as_the_route_does(
    call: Caller, monkeypatch: pytest.MonkeyPatch, uid: str, method: str, path: str, raw: str, headers: Any
) -> None:
    directly = seen(await call.be(uid)(method, path, raw=raw, **headers))
    monkeypatch.setattr(app, "direct", None)
    by_the_route = seen(await call.be(uid)(method, path, raw=raw, **headers))
    assert directly == by_the_route


async def test_the_usual_read_does_not_reach_the_route(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "middleware_stack", None)
    monkeypatch.setattr(app, "build_middleware_stack", None)
    assert (await call("GET", PATH)).status_code == 200


async def test_an_unexpected_error_is_a_problem_that_reveals_nothing(
    call: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app.state.ports, "orders", None)
    failed = await call("GET", PATH)
    assert (failed.status_code, failed.json()["code"]) == (500, "INTERNAL")
    assert "NoneType" not in failed.text
    line = caplog.records[-1]
    assert (vars(line)["path"], vars(line)["status"]) == ("/api/v1/orders/{order_id}", 500)


@pytest.mark.parametrize("fulfilment", Fulfilment)
@pytest.mark.parametrize("business", Business)
def test_what_is_written_is_the_view(business: Business, fulfilment: Fulfilment) -> None:
    _assert_written(order_of(business, fulfilment))


def test_what_is_written_of_an_order_with_a_driver_is_the_view() -> None:
    _assert_written(order(Fulfilment.PICKED_UP, driver=DRIVER, note='"\u2028é'))


def _assert_written(one: Order) -> None:
    assert json.loads(OrderView.written(one)) == OrderView.of(one).model_dump(mode="json")
