"""The port of the Functions emulator, as the client SDK calls it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from emulators.callables import FunctionsPort, functions_by_operation
from emulators.gateway import Gateway
from tests.emulators.fake_clock import FakeClock
from tests.emulators.gateway import MANIFESTS
from tests.emulators.recorder import Recorder
from tests.patience import HANG_SECONDS

pytestmark = pytest.mark.mission("L5")

OPERATIONS = {"placeOrder": "orders_api", "findNearby": "dispatch_api", "handle": "payments_events"}
PAGE = {"Origin": "https://app.example.com"}


@pytest.fixture
async def functions(function: Recorder, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    urls = dict.fromkeys(MANIFESTS, function.url)
    gateway = Gateway(0, MANIFESTS, urls, clock, origins=[PAGE["Origin"]], operations=OPERATIONS)
    await gateway.start()
    port = FunctionsPort(0, gateway, project="demo-waybill")
    await port.start()
    async with httpx.AsyncClient(base_url=port.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield client
    await port.stop()
    await gateway.stop()


@pytest.mark.parametrize("region", ["us-central1", "asia-south1"])
async def test_the_url_of_the_sdk_leads_to_the_operations_function_in_any_region(
    functions: httpx.AsyncClient, function: Recorder, region: str
) -> None:
    url = f"/demo-waybill/{region}/placeOrder"
    answer = await functions.post(url, json={"data": {}}, headers={"Authorization": "Bearer t"})

    (call,) = function.calls
    assert answer.status_code == 200
    assert (call.method, call.target, json.loads(call.body)) == ("POST", "/callable/placeOrder", {"data": {}})
    assert call.headers["authorization"] == "Bearer t"


@pytest.mark.parametrize(
    "path",
    [
        "/demo-waybill/us-central1/nothing",
        "/demo-waybill/us-central1/handle",
        "/demo-waybill/us-central1/placeOrder/more",
        "/demo-waybill/us-central1/",
        "/other-project/us-central1/placeOrder",
        "/callable/placeOrder",
        "/api/v1/orders",
        "/",
    ],
)
async def test_what_is_no_callable_is_not_found_in_the_protocol_and_a_page_can_read_it(
    functions: httpx.AsyncClient, function: Recorder, path: str
) -> None:
    answer = await functions.post(path, json={"data": {}}, headers=PAGE)

    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == "NOT_FOUND"
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE["Origin"]
    assert function.calls == []


async def test_a_preflight_reaches_the_function(functions: httpx.AsyncClient, function: Recorder) -> None:
    asks = {**PAGE, "Access-Control-Request-Method": "POST"}
    await functions.options("/demo-waybill/us-central1/placeOrder", headers=asks)

    assert [call.method for call in function.calls] == ["OPTIONS"]


def test_a_folder_without_an_api_document_has_no_callables(tmp_path: Path) -> None:
    assert functions_by_operation(tmp_path) == {}
