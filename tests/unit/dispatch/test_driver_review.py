"""Admins approve and suspend drivers; each is audited, and each can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from functions.dispatch_api import main as api_main
from shared.kernel.actor import Role
from tests.fakes.accounts import FakeRoles, FakeTokens
from tests.fakes.runtime import run_on
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E1")

DRIVERS = "/api/v1/admin/drivers"
WHY = {"reason": "complaints of customers"}


@pytest.fixture
async def api(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    roles = FakeRoles({"root": frozenset({Role.ADMIN}), "sita": frozenset({Role.SUPPORT})})
    run_on(
        api_main.app,
        world.runtime(),
        monkeypatch,
        tokens=FakeTokens,
        roles=lambda: roles,
        store=world.store,
        driver_documents=world.driver_documents,
    )
    transport = httpx.ASGITransport(app=api_main.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5) as client:
        yield client


def _as(uid: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {uid}"}


def _audited(world: World) -> list[tuple[str, str, str, str]]:
    entries = world.database.collection("audit").values()
    return [(one["actor_id"], one["action"], one["subject_id"], one["reason"]) for one in entries]


async def test_fault_09_an_approval_is_audited_once(api: httpx.AsyncClient, world: World) -> None:
    await world.add_driver("asha", approved=False)
    for _ in range(2):
        answer = await api.post(f"{DRIVERS}/asha/approve", headers=_as("root"))
        assert (answer.status_code, answer.json()["approved"]) == (200, True)

    assert _audited(world) == [("root", "driver_approved", "asha", "")]


async def test_fault_09_an_approval_is_taken_back_with_a_reason_and_given_again(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.add_driver("asha")
    for _ in range(2):
        suspended = await api.post(f"{DRIVERS}/asha/suspend", json=WHY, headers=_as("root"))
        assert (suspended.status_code, suspended.json()["approved"], suspended.json()["status"]) == (
            200,
            False,
            "offline",
        )
    here = {"lat": 12.97, "lng": 77.64}
    refused = await api.post("/api/v1/driver/go-online", json=here, headers=_as("asha"))
    assert (refused.status_code, refused.json()["code"]) == (409, "DRIVER_NOT_APPROVED")

    note = {"reason": "cleared up"}
    await api.post(f"{DRIVERS}/asha/approve", json=note, headers=_as("root"))
    assert (await api.post("/api/v1/driver/go-online", json=here, headers=_as("asha"))).status_code == 200
    assert sorted(_audited(world), key=lambda entry: entry[1]) == [
        ("root", "driver_approved", "asha", "cleared up"),
        ("root", "driver_suspended", "asha", WHY["reason"]),
    ]


async def test_a_suspended_driver_leaves_the_search_and_their_offer_ends_without_a_miss(
    api: httpx.AsyncClient, world: World
) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    await api.post(f"{DRIVERS}/asha/suspend", json=WHY, headers=_as("root"))

    driver = world.driver("asha")
    assert (driver.outstanding_offer, driver.consecutive_timeouts) == (None, 0)
    assert world.offer().state != "open"
    assert "offer_withdrawn" in world.bus.names()


async def test_a_suspended_driver_keeps_the_orders_that_they_carry(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.add_driver("asha", active_orders=("ord_8",))
    await api.post(f"{DRIVERS}/asha/suspend", json=WHY, headers=_as("root"))

    assert world.driver("asha").active_orders == ("ord_8",)


@pytest.mark.parametrize("path", ["approve", "suspend"])
async def test_a_review_of_nobody_is_404_and_support_reviews_nobody(
    api: httpx.AsyncClient, world: World, path: str
) -> None:
    nobody = await api.post(f"{DRIVERS}/nobody/{path}", json=WHY, headers=_as("root"))
    assert (nobody.status_code, nobody.json()["code"]) == (404, "DRIVER_NOT_FOUND")
    support = await api.post(f"{DRIVERS}/asha/{path}", json=WHY, headers=_as("sita"))
    assert (support.status_code, support.json()["code"]) == (403, "ROLE_MISSING")
    assert _audited(world) == []


@pytest.mark.parametrize("body", [None, {}, {"reason": " "}])
async def test_a_suspension_needs_a_reason(api: httpx.AsyncClient, world: World, body: object) -> None:
    await world.add_driver("asha")
    assert (await api.post(f"{DRIVERS}/asha/suspend", json=body, headers=_as("root"))).status_code == 422
    assert world.driver("asha").approved is True
