"""Operators direct the search for a driver: they choose who is asked next, and begin a search again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.dispatch_api import main as api_main
from functions.dispatch_events import main as events_main
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.machine import OfferState
from shared.kernel.actor import Role
from shared.kernel.order import AssignmentState, Fulfilment, PaymentState
from tests.builders import CUSTOMER, ORDER_ID, hire
from tests.fakes.accounts import FakeRoles, FakeTokens
from tests.fakes.runtime import run_on
from tests.unit.dispatch.test_handover import deliver
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E9", "J2")

OFFER = f"/api/v1/admin/assignments/{ORDER_ID}/offer"
SEARCH = f"/api/v1/admin/assignments/{ORDER_ID}/search"
WHY = {"reason": "on the way there"}
ASHA = {**WHY, "driver_id": "asha"}
INVOLVED = ("asha", CUSTOMER, "cook")


@pytest.fixture
async def api(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    roles = FakeRoles({uid: frozenset({Role.SUPPORT}) for uid in ("sita", *INVOLVED)})
    ports = {"store": world.store, "driver_documents": world.driver_documents}
    run_on(api_main.app, world.runtime(), monkeypatch, tokens=FakeTokens, roles=lambda: roles, **ports)
    run_on(events_main.app, world.runtime(), monkeypatch, **world.ports())
    world.add_order()
    await world.add_driver("asha")
    transport = httpx.ASGITransport(app=api_main.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5) as client:
        yield client


async def send(
    api: httpx.AsyncClient, path: str, body: dict[str, str], uid: str = "sita", key: str = ""
) -> tuple[int, Any]:
    """Send a request of an operator; return the status, and the answer or the code of the refusal."""
    headers = {"Authorization": f"Bearer {uid}"} | ({"Idempotency-Key": key} if key else {})
    answer = await api.post(path, json=body, headers=headers)
    return answer.status_code, answer.json().get("code", answer.json())


def audited(world: World) -> list[tuple[str, str, str, str]]:
    """Return who did what to which order, and why."""
    entries = world.database.collection("audit").values()
    return [(one["actor_id"], one["action"], one["subject_id"], one["reason"]) for one in entries]


async def give_up(world: World) -> None:
    """Search without a driver until the search ends."""
    await world.leave("asha")
    await world.search()
    while world.assignment().state is not AssignmentState.UNASSIGNABLE:
        world.wait(timedelta(seconds=30))
        await world.search(search_attempt=world.assignment().search_attempt)


async def come_online(world: World, uid: str) -> None:
    """Let a driver report from near the shop, online."""
    await world.add_driver(uid, version=world.driver(uid).version + 1)


@pytest.mark.parametrize("before", ["none", "searching", "unassignable"])
async def test_the_chosen_driver_is_asked_next_whoever_else_is_nearer(
    api: httpx.AsyncClient, world: World, before: str
) -> None:
    if before == "searching":
        await world.leave("asha")
        await world.search()
    elif before == "unassignable":
        await give_up(world)
    assert world.assignment().state == before
    await world.add_driver("near", 50)
    await come_online(world, "asha")
    status, answer = await send(api, OFFER, ASHA)

    assert (status, answer["assignment"], answer["driver_id"]) == (200, "offered", "asha")
    [offer] = world.offers()
    assert (offer.id, offer.state, offer.driver_id) == (answer["offer_id"], OfferState.OPEN, "asha")
    assert world.driver("asha").outstanding_offer == offer.id
    assert audited(world) == [("sita", "driver_chosen", ORDER_ID, WHY["reason"])]
    assert "driver_chosen" in world.timeline()
    await deliver(world, "driver_chosen")
    assert offer.id in str(world.deadlines.tasks)
    await world.accept("asha", offer.attempt)
    assert world.assignment().driver_id == "asha"


async def test_the_search_goes_on_when_the_chosen_driver_declines(
    api: httpx.AsyncClient, world: World
) -> None:
    await send(api, OFFER, ASHA)
    await world.add_driver("bala")
    await world.decline("asha")
    await deliver(world, "offer_declined")
    assert world.offer(2).driver_id == "bala"


async def test_a_driver_who_declined_can_be_chosen_all_the_same(api: httpx.AsyncClient, world: World) -> None:
    await world.search()
    await world.decline("asha")
    assert (await send(api, OFFER, ASHA))[0] == 200


@pytest.mark.parametrize(
    "hindrance",
    ["not approved", "closed", "offline", "full", "asked", "blocked", "far", "had it", "replaced", "silent"],
)
async def test_a_driver_who_cannot_carry_the_order_is_not_asked(
    api: httpx.AsyncClient, world: World, hindrance: str
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "not approved": {"approved": False},
        "closed": {"closed": True},
        "offline": {"status": DriverStatus.OFFLINE},
        "full": {"active_orders": ("ord_8", "ord_9")},
        "asked": {"outstanding_offer": "off_8_1"},
    }
    await world.add_driver("asha", 20_000 if hindrance == "far" else 500, **changes.get(hindrance, {}))
    if hindrance == "blocked":
        world.block(CUSTOMER, "asha")
    if hindrance == "had it":
        world.change_search(former_drivers=("asha",))
    if hindrance == "replaced":
        path = f"orders/{ORDER_ID}"
        world.database.seed(path, {**world.database.data(path), "replaced_drivers": ["asha"]})
    if hindrance == "silent":
        world.wait(timedelta(minutes=2))
    assert await send(api, OFFER, ASHA) == (409, "DRIVER_CANNOT_TAKE_ORDER")
    assert (world.offers(), audited(world)) == ([], [])


async def test_a_driver_reserved_for_another_order_is_not_asked(api: httpx.AsyncClient, world: World) -> None:
    await world.index.reserve("asha", "off_8_1", timedelta(seconds=30))
    assert await send(api, OFFER, ASHA) == (409, "DRIVER_CANNOT_TAKE_ORDER")


async def test_a_refused_choice_leaves_the_driver_free(api: httpx.AsyncClient, world: World) -> None:
    world.block(CUSTOMER, "asha")
    await send(api, OFFER, ASHA)
    assert await world.index.reserve("asha", "off_8_1", timedelta(seconds=30))


async def test_a_person_who_is_no_driver_is_not_found(api: httpx.AsyncClient, world: World) -> None:
    assert await send(api, OFFER, {**WHY, "driver_id": "nobody"}) == (404, "DRIVER_NOT_FOUND")


async def test_an_order_that_is_offered_waits_for_the_end_of_the_offer(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.add_driver("bala", 50)
    await world.search()
    assert await send(api, OFFER, {**WHY, "driver_id": "bala"}) == (409, "ORDER_OFFERED")


async def test_an_order_that_has_a_driver_is_not_offered_to_another(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.search()
    await world.accept("asha")
    await world.add_driver("bala")
    assert await send(api, OFFER, {**WHY, "driver_id": "bala"}) == (409, "ORDER_NEEDS_NO_DRIVER")


@pytest.mark.parametrize(
    ("fulfilment", "payment"),
    [(Fulfilment.PREPARING, PaymentState.CAPTURED), (Fulfilment.READY, PaymentState.PENDING)],
)
async def test_an_order_that_is_not_ready_and_paid_needs_no_driver(
    api: httpx.AsyncClient, world: World, fulfilment: Fulfilment, payment: PaymentState
) -> None:
    world.add_order(fulfilment, payment)
    assert await send(api, OFFER, ASHA) == (409, "ORDER_NEEDS_NO_DRIVER")
    assert await send(api, SEARCH, WHY) == (409, "SEARCH_NOT_ENDED")


async def test_a_search_that_has_ended_begins_again_at_once(api: httpx.AsyncClient, world: World) -> None:
    await give_up(world)
    await come_online(world, "asha")
    status, answer = await send(api, SEARCH, WHY)
    assert (status, answer["assignment"], answer["offer_id"]) == (200, "searching", None)
    assert audited(world) == [("sita", "search_restarted", ORDER_ID, WHY["reason"])]
    await deliver(world, "search_restarted")
    assert world.offers()[-1].driver_id == "asha"


async def test_a_search_that_goes_on_is_not_begun_again(api: httpx.AsyncClient, world: World) -> None:
    assert await send(api, SEARCH, WHY) == (409, "SEARCH_NOT_ENDED")
    await world.search()
    assert await send(api, SEARCH, WHY) == (409, "SEARCH_NOT_ENDED")
    assert audited(world) == []


@pytest.mark.parametrize(("path", "body"), [(OFFER, {**WHY, "driver_id": "bala"}), (SEARCH, WHY)])
async def test_no_operator_directs_the_search_of_an_order_of_theirs(
    api: httpx.AsyncClient, world: World, path: str, body: dict[str, str]
) -> None:
    await give_up(world)
    await world.add_driver("bala")
    hire(world.database, "cook")
    world.change_search(former_drivers=("asha",))
    for uid in INVOLVED:
        assert await send(api, path, body, uid) == (403, "OPERATOR_INVOLVED")


async def test_no_operator_chooses_themselves(api: httpx.AsyncClient, world: World) -> None:
    assert await send(api, OFFER, ASHA, "asha") == (403, "OPERATOR_INVOLVED")


@pytest.mark.parametrize(("path", "body"), [(OFFER, ASHA), (SEARCH, WHY)])
async def test_a_second_click_gets_the_same_answer_and_leaves_no_second_entry(
    api: httpx.AsyncClient, world: World, path: str, body: dict[str, str]
) -> None:
    await give_up(world)
    await come_online(world, "asha")
    first = await send(api, path, body, key="k")
    assert first[0] == 200
    assert await send(api, path, body, key="k") == first
    assert len(audited(world)) == 1
    assert await send(api, path, {**body, "reason": "another"}, key="k") == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(("path", "body"), [(OFFER, ASHA), (SEARCH, WHY)])
async def test_an_unknown_order_is_not_found(
    api: httpx.AsyncClient, world: World, path: str, body: dict[str, str]
) -> None:
    assert await send(api, path.replace(ORDER_ID, "ord_9"), body) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize(("path", "body"), [(OFFER, ASHA), (SEARCH, WHY)])
async def test_nobody_but_operators_directs_a_search(
    api: httpx.AsyncClient, world: World, path: str, body: dict[str, str]
) -> None:
    assert await send(api, path, body, "ravi") == (403, "ROLE_MISSING")
