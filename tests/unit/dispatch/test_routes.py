"""The routes of `dispatch_api`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from functions.dispatch_api import main as api_main
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.licences import FirestoreDriverDocuments
from shared.dispatch.domain import offer_id
from shared.kernel.access import AccountStatus, TokenInvalid
from shared.kernel.actor import Principal, Role
from shared.verification.domain import ApprovedDocument, DocumentKind, VerificationRecord
from shared.verification.requirements import RequirementPolicy
from tests.builders import ORDER_ID
from tests.fakes.accounts import FakeRoles
from tests.fakes.runtime import run_on
from tests.unit.dispatch.world import SHOP, World

OFFER = f"/api/v1/driver/offers/{offer_id(ORDER_ID, 1)}"
HERE = {"lat": SHOP.lat, "lng": SHOP.lng}
PEOPLE = {uid: Principal(uid, f"{uid}@b.in", True, "+919900000001") for uid in ("asha", "bala", "admin")} | {
    "new": Principal("new", "n@b.in", False, "")
}


class Tokens:
    """Accepts a user's id as their token."""

    async def verify(self, token: str) -> Principal:
        if token not in PEOPLE:
            raise TokenInvalid
        return PEOPLE[token]


ROLES = FakeRoles({"admin": frozenset({Role.ADMIN})})


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5)


@pytest.fixture(autouse=True)
def wired(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = {"store": world.store, "driver_documents": world.driver_documents}
    run_on(api_main.app, world.runtime(), monkeypatch, tokens=Tokens, roles=lambda: ROLES, **ports)


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(api_main.app) as client:
        yield client


def signed(uid: str, key: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {uid}"} | ({"Idempotency-Key": key} if key else {})


async def test_a_driver_registers_is_approved_goes_online_takes_an_order_and_goes_home(
    api: httpx.AsyncClient, world: World
) -> None:
    body = {"name": "Asha", "vehicle": "scooter"}
    made = await api.post("/api/v1/drivers", json=body, headers=signed("asha", "k1"))
    assert (made.status_code, made.json()["approved"], made.json()["status"]) == (201, False, "offline")
    early = await api.post("/api/v1/driver/go-online", json=HERE, headers=signed("asha"))
    assert (early.status_code, early.json()["code"]) == (409, "DRIVER_NOT_APPROVED")
    approved = await api.post("/api/v1/admin/drivers/asha/approve", headers=signed("admin"))
    assert approved.json()["approved"] is True
    online = await api.post("/api/v1/driver/go-online", json=HERE, headers=signed("asha"))
    assert (online.status_code, online.json()["status"]) == (200, "online")
    world.add_order()
    await world.search()
    offer = (await api.get(OFFER, headers=signed("asha"))).json()
    assert (offer["state"], offer["pay"]) == ("open", {"amount": 2_500, "currency": "INR"})
    taken = await api.post(f"{OFFER}/accept", headers=signed("asha"))
    assert (taken.status_code, taken.json()["state"]) == (200, "accepted")
    offline = await api.post("/api/v1/driver/go-offline", headers=signed("asha"))
    assert (offline.json()["status"], offline.json()["active_orders"]) == ("offline", [ORDER_ID])


async def test_the_same_key_replays_the_first_acceptance_and_none_is_a_conflict(
    api: httpx.AsyncClient, world: World
) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    first = await api.post(f"{OFFER}/accept", headers=signed("asha", "k"))
    again = await api.post(f"{OFFER}/accept", headers=signed("asha", "k"))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await api.post(f"{OFFER}/accept", headers=signed("asha"))
    assert (other.status_code, other.json()["code"]) == (409, "OFFER_NOT_OPEN")


async def test_a_late_acceptance_is_a_conflict_with_its_own_code(
    api: httpx.AsyncClient, world: World
) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    world.wait(timedelta(seconds=30))
    late = await api.post(f"{OFFER}/accept", headers=signed("asha"))
    assert (late.status_code, late.json()["code"]) == (409, "OFFER_EXPIRED")


async def test_a_disabled_driver_accepts_no_order_with_a_token_that_is_still_valid(
    api: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    shut_out = FakeRoles(statuses={"asha": AccountStatus(disabled=True)})
    monkeypatch.setitem(api_main.app.state._state, "roles", lambda: shut_out)

    here = {"lat": 12.97, "lng": 77.64}
    for path, body in (
        (f"{OFFER}/accept", None),
        (f"{OFFER}/decline", None),
        ("/api/v1/driver/go-online", here),
        ("/api/v1/driver/go-offline", None),
    ):
        refused = await api.post(path, json=body, headers=signed("asha"))
        assert (refused.status_code, refused.json()["code"]) == (403, "ACCOUNT_DISABLED"), path
    assert (await api.get(OFFER, headers=signed("asha"))).status_code == 403
    monkeypatch.setitem(api_main.app.state._state, "roles", FakeRoles)
    assert (await api.get(OFFER, headers=signed("asha"))).json()["state"] == "open"


@pytest.mark.parametrize("path", ["", "/accept", "/decline"])
async def test_another_drivers_offer_is_not_found(api: httpx.AsyncClient, world: World, path: str) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.search()
    method = "POST" if path else "GET"
    response = await api.request(method, f"{OFFER}{path}", headers=signed("bala"))
    assert (response.status_code, response.json()["code"]) == (404, "OFFER_NOT_FOUND")


async def test_a_decline_is_answered_with_the_offer(api: httpx.AsyncClient, world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    response = await api.post(f"{OFFER}/decline", headers=signed("asha"))
    assert (response.status_code, response.json()["state"]) == (200, "declined")


async def test_a_driver_reads_which_documents_the_vehicle_requires(
    api: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = FirestoreDriverDocuments(world.database, RequirementPolicy())
    run_on(
        api_main.app,
        world.runtime(),
        monkeypatch,
        tokens=Tokens,
        store=world.store,
        driver_documents=strict,
    )
    path = "/api/v1/driver/requirements"
    unknown = await api.get(path, headers=signed("asha"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "DRIVER_NOT_FOUND")
    await world.add_driver("asha")
    end = world.now + timedelta(days=3)
    approved = (
        ApprovedDocument("doc_1", DocumentKind.IDENTITY, None),
        ApprovedDocument("doc_2", DocumentKind.INSURANCE, end),
        ApprovedDocument("doc_3", DocumentKind.DRIVING_LICENCE, world.now - timedelta(days=1)),
    )
    record = VerificationRecord("asha", (), approved)
    world.database.seed("verification_records/asha", to_document(record))

    answer = (await api.get(path, headers=signed("asha"))).json()

    assert [(one["kind"], one["approved"], one["valid_until"]) for one in answer["documents"]] == [
        ("driving_licence", False, None),
        ("identity", True, None),
        ("insurance", True, end.isoformat().replace("+00:00", "Z")),
        ("vehicle_registration", False, None),
    ]


ROUTES = [
    ("POST", "/api/v1/drivers"),
    ("GET", "/api/v1/driver"),
    ("GET", "/api/v1/driver/requirements"),
    ("POST", "/api/v1/driver/go-online"),
    ("POST", "/api/v1/driver/go-offline"),
    ("GET", OFFER),
    ("POST", f"{OFFER}/accept"),
    ("POST", f"{OFFER}/decline"),
    ("POST", "/api/v1/admin/drivers/asha/approve"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_request_without_a_token_is_refused(api: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await api.request(method, path)).status_code == 401


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] == "POST"])
async def test_a_user_without_verified_email_and_phone_is_refused(
    api: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await api.request(method, path, headers=signed("new", "k"), json=HERE)
    assert (response.status_code, response.json()["code"]) == (403, "EMAIL_AND_PHONE_NOT_VERIFIED")


async def test_only_an_administrator_approves(api: httpx.AsyncClient, world: World) -> None:
    await world.add_driver("asha", approved=False)
    response = await api.post("/api/v1/admin/drivers/asha/approve", headers=signed("asha"))
    assert response.status_code == 403
    assert not world.driver("asha").approved


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "vehicle": "car"},
        {"name": "A", "vehicle": "rocket"},
        {"name": "A", "vehicle": "car", "approved": True},
        {"name": "A"},
        {"name": "A", "vehicle": "car", "load_cap": 99},
        {"name": "\u2800\u3164", "vehicle": "car"},
    ],
)
async def test_a_registration_with_missing_wrong_or_extra_fields_is_refused(
    api: httpx.AsyncClient, body: dict[str, object]
) -> None:
    response = await api.post("/api/v1/drivers", json=body, headers=signed("asha", "k"))
    assert response.status_code == 422


async def test_registering_needs_a_key(api: httpx.AsyncClient) -> None:
    response = await api.post("/api/v1/drivers", json={"name": "A", "vehicle": "car"}, headers=signed("asha"))
    assert (response.status_code, response.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")


async def test_fault_24_no_driver_goes_online_at_0_0(api: httpx.AsyncClient, world: World) -> None:
    await world.add_driver("asha")
    answer = await api.post("/api/v1/driver/go-online", json={"lat": 0, "lng": 0}, headers=signed("asha"))

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert all(point.lat > 1 for point in world.index.points().values())
