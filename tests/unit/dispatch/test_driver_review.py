"""Operators list, approve, reject and suspend drivers; each decision is audited, and the driver reads why."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from functions.dispatch_api import main as api_main
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.machine import ReviewState
from shared.kernel.actor import Role
from tests.fakes.accounts import FakeRoles, FakeTokens
from tests.fakes.runtime import run_on
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E9", "J2")

DRIVERS = "/api/v1/admin/drivers"
OWN = "/api/v1/driver"
WHY = {"reason": "complaints of customers"}
APPLICATION = {"name": "Asha", "vehicle": "scooter"}


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


async def _apply(api: httpx.AsyncClient, key: str = "key-1", **changes: str) -> httpx.Response:
    headers = {**_as("asha"), "Idempotency-Key": key}
    return await api.post("/api/v1/drivers", json=APPLICATION | changes, headers=headers)


async def _own(api: httpx.AsyncClient) -> tuple[str, str]:
    """Return the review and its reason, as the driver reads them."""
    shown = (await api.get(OWN, headers=_as("asha"))).json()
    return shown["review"], shown["review_reason"]


@pytest.mark.parametrize("uid", ["root", "sita"])
async def test_an_applicant_who_is_rejected_reads_the_reason_and_applies_again(
    api: httpx.AsyncClient, world: World, uid: str
) -> None:
    await _apply(api)
    assert await _own(api) == ("applied", "")

    for _ in range(2):
        answer = await api.post(f"{DRIVERS}/asha/reject", json=WHY, headers=_as(uid))
        assert (answer.status_code, answer.json()["review"]) == (200, "rejected")
    assert await _own(api) == ("rejected", WHY["reason"])
    here = {"lat": 12.97, "lng": 77.64}
    refused = await api.post(f"{OWN}/go-online", json=here, headers=_as("asha"))
    assert (refused.status_code, refused.json()["code"]) == (409, "DRIVER_NOT_APPROVED")

    again = await _apply(api, key="key-2", vehicle="bicycle")
    assert (again.status_code, again.json()["vehicle"]) == (201, "bicycle")
    assert await _own(api) == ("applied", "")
    assert _audited(world) == [(uid, "driver_rejected", "asha", WHY["reason"])]


@pytest.mark.parametrize("state", ["applied", "approved", "suspended"])
async def test_only_who_was_rejected_applies_again(api: httpx.AsyncClient, state: str) -> None:
    await _apply(api)
    if state != "applied":
        await api.post(f"{DRIVERS}/asha/approve", headers=_as("root"))
    if state == "suspended":
        await api.post(f"{DRIVERS}/asha/suspend", json=WHY, headers=_as("root"))
    answer = await _apply(api, key="key-2")
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_REGISTERED")


async def test_a_rejected_applicant_can_be_approved(api: httpx.AsyncClient, world: World) -> None:
    await _apply(api)
    await api.post(f"{DRIVERS}/asha/reject", json=WHY, headers=_as("root"))
    await api.post(f"{DRIVERS}/asha/approve", headers=_as("root"))
    assert await _own(api) == ("approved", "")


async def test_a_suspended_driver_reads_the_reason_until_they_are_approved_again(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.add_driver("asha")
    await api.post(f"{DRIVERS}/asha/suspend", json=WHY, headers=_as("sita"))
    assert await _own(api) == ("suspended", WHY["reason"])
    await api.post(f"{DRIVERS}/asha/approve", headers=_as("root"))
    assert await _own(api) == ("approved", "")


@pytest.mark.parametrize(
    ("before", "decision"),
    [("applied", "suspend"), ("rejected", "suspend"), ("approved", "reject"), ("suspended", "reject")],
)
async def test_a_decision_that_the_review_does_not_allow_changes_nothing_and_leaves_no_entry(
    api: httpx.AsyncClient, world: World, before: str, decision: str
) -> None:
    state = ReviewState(before)
    await world.add_driver("asha", approved=before == "approved", review_state=state)
    answer = await api.post(f"{DRIVERS}/asha/{decision}", json=WHY, headers=_as("root"))
    assert (answer.status_code, answer.json()["code"]) == (409, "DRIVER_NOT_REVIEWABLE")
    assert world.driver("asha").review is state
    assert _audited(world) == []


@pytest.mark.parametrize("decision", ["approve", "reject", "suspend"])
async def test_a_review_of_nobody_is_404(api: httpx.AsyncClient, world: World, decision: str) -> None:
    answer = await api.post(f"{DRIVERS}/nobody/{decision}", json=WHY, headers=_as("root"))
    assert (answer.status_code, answer.json()["code"]) == (404, "DRIVER_NOT_FOUND")
    assert _audited(world) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/asha"),
        ("POST", "/asha/approve"),
        ("POST", "/asha/reject"),
        ("POST", "/asha/suspend"),
    ],
)
async def test_nobody_but_operators_lists_and_reviews_drivers_and_admins_alone_approve(
    api: httpx.AsyncClient, world: World, method: str, path: str
) -> None:
    await world.add_driver("asha", approved=False)
    for uid in ("asha", *(["sita"] if path.endswith("approve") else [])):
        answer = await api.request(method, f"{DRIVERS}{path}", json=WHY, headers=_as(uid))
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")
    assert _audited(world) == []


@pytest.mark.parametrize("decision", ["reject", "suspend"])
@pytest.mark.parametrize("body", [None, {}, {"reason": " "}, {"reason": "x", "review": "approved"}])
async def test_a_rejection_and_a_suspension_need_a_reason(
    api: httpx.AsyncClient, world: World, decision: str, body: object
) -> None:
    await world.add_driver("asha")
    answer = await api.post(f"{DRIVERS}/asha/{decision}", json=body, headers=_as("root"))
    assert answer.status_code == 422
    assert world.driver("asha").approved is True


@pytest.mark.parametrize("uid", ["root", "sita"])
async def test_each_look_at_a_driver_is_audited(api: httpx.AsyncClient, world: World, uid: str) -> None:
    await world.add_driver("asha", active_orders=("ord_8",))
    for _ in range(2):
        answer = await api.get(f"{DRIVERS}/asha", headers=_as(uid))
        assert (answer.status_code, answer.json()["driver"]["active_orders"]) == (200, ["ord_8"])
    assert (await api.get(f"{DRIVERS}/nobody", headers=_as(uid))).json()["code"] == "DRIVER_NOT_FOUND"
    assert _audited(world) == [(uid, "driver_read", "asha", "")] * 2


@pytest.fixture
async def staff(world: World) -> None:
    """Seven drivers in all states of the review, of whom a dev of an earlier version has `approved` alone."""
    for uid, state in (("a", "applied"), ("b", "rejected"), ("c", "suspended"), ("e", "applied")):
        review = ReviewState(state)
        await world.add_driver(uid, approved=False, status=DriverStatus.OFFLINE, review_state=review)
    await world.add_driver("f", review_state=ReviewState.APPROVED, status=DriverStatus.OFFLINE)
    await world.add_driver("g", review_state=ReviewState.APPROVED)
    await world.add_driver("d")
    old = world.database.data("drivers/d")
    new = ("review_state", "review_reason", "reviewed_at")
    world.database.seed("drivers/d", {name: value for name, value in old.items() if name not in new})


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcdefg"),
        ("review=applied", "ae"),
        ("review=rejected", "b"),
        ("review=suspended", "c"),
        ("review=approved", "dfg"),
        ("status=online", "dg"),
        ("review=approved&status=offline", "f"),
        ("review=applied&status=online", ""),
    ],
)
async def test_support_lists_drivers_by_review_and_status_page_by_page(
    api: httpx.AsyncClient, world: World, query: str, found: str
) -> None:
    seen, token = "", ""
    for _ in range(5):
        url = f"{DRIVERS}?{query}&page_size=2&page_token={token}"
        page = (await api.get(url, headers=_as("sita"))).json()
        assert len(page["drivers"]) <= 2
        seen += "".join(driver["id"] for driver in page["drivers"])
        token = page["next_page_token"]
        if not token:
            break
    assert seen == found
    assert _audited(world) == []


@pytest.mark.parametrize(
    "query", ["review=gone", "status=away", "page_size=0", "page_size=101", "page_token=x"]
)
async def test_a_list_of_drivers_with_a_bad_filter_is_refused(api: httpx.AsyncClient, query: str) -> None:
    assert (await api.get(f"{DRIVERS}?{query}", headers=_as("sita"))).status_code == 422


@pytest.mark.parametrize(
    ("decision", "later", "state"),
    [("approve", "suspend", "suspended"), ("suspend", "approve", "approved")],
)
async def test_a_decision_that_comes_again_late_does_not_undo_a_later_one(
    api: httpx.AsyncClient, world: World, decision: str, later: str, state: str
) -> None:
    await world.add_driver("asha", approved=decision == "suspend")
    headers = _as("root") | {"Idempotency-Key": "k"}
    first = await api.post(f"{DRIVERS}/asha/{decision}", headers=headers, json=WHY)
    await api.post(f"{DRIVERS}/asha/{later}", headers=_as("root"), json=WHY)
    again = await api.post(f"{DRIVERS}/asha/{decision}", headers=headers, json=WHY)

    assert (again.status_code, again.json()) == (200, first.json())
    driver = (await api.get(f"{DRIVERS}/asha", headers=_as("root"))).json()
    assert driver["driver"]["review"] == state


async def test_a_key_of_a_decision_with_another_reason_is_refused(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.add_driver("asha")
    headers = _as("root") | {"Idempotency-Key": "k"}
    await api.post(f"{DRIVERS}/asha/suspend", headers=headers, json=WHY)
    answer = await api.post(f"{DRIVERS}/asha/suspend", headers=headers, json={"reason": "another"})
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("decision", ["approve", "reject", "suspend"])
async def test_no_operator_decides_about_their_own_registration(
    api: httpx.AsyncClient, world: World, decision: str
) -> None:
    await world.add_driver("root", approved=decision == "suspend")
    before = world.driver("root")
    answer = await api.post(f"{DRIVERS}/root/{decision}", headers=_as("root"), json=WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "OPERATOR_INVOLVED")
    assert (world.driver("root"), _audited(world)) == (before, [])


@pytest.mark.parametrize("decision", ["approve", "reject", "suspend"])
async def test_a_decision_that_was_made_before_is_refused_with_another_reason(
    api: httpx.AsyncClient, world: World, decision: str
) -> None:
    await world.add_driver("asha", approved=decision == "suspend")
    await api.post(f"{DRIVERS}/asha/{decision}", headers=_as("root"), json=WHY)
    before = world.driver("asha")
    answer = await api.post(f"{DRIVERS}/asha/{decision}", headers=_as("root"), json={"reason": "another"})
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_DECIDED")
    assert world.driver("asha") == before
    assert [reason for *_, reason in _audited(world)] == [WHY["reason"]]
