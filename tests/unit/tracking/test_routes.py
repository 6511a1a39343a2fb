"""The routes of `tracking_api`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from functions.tracking_api import main
from functions.tracking_api.routes import MAX_BODY
from shared.adapters.firestore.codec import to_document
from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.access import TokenInvalid
from shared.kernel.actor import Principal
from shared.kernel.clock import utc_now
from shared.kernel.vehicle import Vehicle
from tests.fakes.accounts import MemoryStatusCache
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDriverIndex
from tests.fakes.runtime import FakeRuntime, run_on

pytestmark = pytest.mark.mission("F1")

PATH = "/api/v1/driver/location"


class Tokens:
    """Accepts a user's id as their token."""

    async def verify(self, token: str) -> Principal:
        if token == "forged":
            raise TokenInvalid
        return Principal(token)


@pytest.fixture
def driver_index() -> MemoryDriverIndex:
    return MemoryDriverIndex()


@pytest.fixture
async def api(
    driver_index: MemoryDriverIndex, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    database = MemoryDatabase()
    asha = Driver("asha", "Asha", Vehicle.CAR, approved=True, status=DriverStatus.ONLINE)
    database.seed("drivers/asha", to_document(asha))
    runtime = FakeRuntime(
        database=database,
        externals={"driver positions": driver_index, "status cache": MemoryStatusCache()},
        clock=utc_now,
    )
    run_on(main.app, runtime, monkeypatch, tokens=Tokens, roles=lambda: main.app.state.ports.roles)
    transport = httpx.ASGITransport(app=main.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5) as client:
        yield client


def point(**changes: Any) -> dict[str, Any]:
    return {"lat": 12.97, "lng": 77.59, "at": datetime.now(UTC).isoformat(), **changes}


async def post(api: httpx.AsyncClient, body: object, token: str = "asha") -> httpx.Response:  # noqa: S107
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return await api.post(PATH, content=raw, headers=headers)


async def test_a_batch_is_accepted(api: httpx.AsyncClient, driver_index: MemoryDriverIndex) -> None:
    points = [point(), point(accuracy=5, speed=4.5, heading=359.9)]
    response = await post(api, {"points": points})
    assert (response.status_code, response.json()) == (202, {"accepted": 2, "left_out": []})
    assert driver_index.availability("asha") is not None


async def test_the_health_route_needs_no_token(api: httpx.AsyncClient) -> None:
    assert (await api.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "body",
    [
        {"points": []},
        {"points": [point()] * 101},
        {"points": [point(lat="12.9")]},
        {"points": [point(lat=True)]},
        {"points": [point(at="yesterday")]},
        {"points": [point(at="2026-11-20T12:00:00")]},
        {"points": [point(at=1_795_176_000)]},
        {"points": [point(driver_id="bala")]},
        {"points": [{"lat": 12.97, "at": "2026-11-20T12:00:00Z"}]},
        {"points": [7, "x", None]},
        {"points": [point()], "driver_id": "bala"},
        {},
        [],
        None,
    ],
)
async def test_a_batch_without_a_well_formed_position_is_refused(
    api: httpx.AsyncClient, body: object
) -> None:
    response = await post(api, body)
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"points":[}'])
async def test_a_body_that_is_no_json_is_malformed(api: httpx.AsyncClient, body: bytes) -> None:
    response = await post(api, body)
    assert (response.status_code, response.json()["code"]) == (400, "MALFORMED")


@pytest.mark.parametrize(
    "body",
    [
        b'{"points":[{"lat":1,"lat":2,"lng":0,"at":"2026-11-20T12:00:00Z"}]}',
        b'{"points":[{"lat":1,"l\\u0061t":2,"lng":0,"at":"2026-11-20T12:00:00Z"}]}',
        b'{"points":[],"points":[{"lat":1,"lng":0,"at":"2026-11-20T12:00:00Z"}]}',
    ],
)
async def test_a_repeated_key_is_malformed(api: httpx.AsyncClient, body: bytes) -> None:
    response = await post(api, body)
    assert (response.status_code, response.json()["code"]) == (400, "MALFORMED")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_without_the_json_content_type_is_refused(api: httpx.AsyncClient, kind: str) -> None:
    headers = {"Authorization": "Bearer asha", "Content-Type": kind}
    response = await api.post(PATH, content=json.dumps({"points": [point()]}), headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_an_error_names_the_pointer_of_its_field(api: httpx.AsyncClient) -> None:
    response = await post(api, {"points": [point(lat="x"), point(at="soon")]})
    assert [error["pointer"] for error in response.json()["errors"]] == ["/points/0/lat", "/points/1/at"]


async def test_a_report_without_a_valid_token_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.post(PATH, json={"points": [point()]})).status_code == 401
    assert (await post(api, {"points": [point()]}, token="forged")).status_code == 401


async def test_a_user_who_is_no_driver_is_forbidden(api: httpx.AsyncClient) -> None:
    response = await post(api, {"points": [point()]}, token="customer")
    assert (response.status_code, response.json()["code"]) == (403, "DRIVER_NOT_REGISTERED")


async def test_a_body_that_is_too_large_is_refused(api: httpx.AsyncClient) -> None:
    response = await post(api, b" " * (MAX_BODY + 1))
    assert response.status_code == 413


async def test_an_index_that_is_down_answers_with_retry_after(
    api: httpx.AsyncClient, driver_index: MemoryDriverIndex
) -> None:
    driver_index.down = True
    response = await post(api, {"points": [point()]})
    assert response.status_code == 503
    assert "retry-after" in response.headers


async def test_another_method_is_not_allowed(api: httpx.AsyncClient) -> None:
    assert (await api.get(PATH)).status_code == 405
