"""The routes of substitutions: idempotency keys, limits and roles."""

from __future__ import annotations

from typing import Any

import pytest

from functions.orders_api.main import app
from shared.orders.pricing import ItemRequest
from tests.builders import CUSTOMER, DRIVER, NOW, STAFF, STRANGER
from tests.fakes.accounts import Caller
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.test_substitutions import Kitchen

pytestmark = pytest.mark.mission("C5")

REPLACEMENT = {"line": 0, "item_id": "idli", "quantity": 2, "modifiers": []}


@pytest.fixture
async def world() -> Kitchen:
    world = Kitchen()
    await world.cook(ItemRequest("dosa", 2))
    return world


@pytest.fixture
def call(world: Kitchen, monkeypatch: pytest.MonkeyPatch) -> Caller:
    run_on(app, FakeRuntime(database=world.database, bus=world.bus, clock=lambda: NOW), monkeypatch)
    return Caller(app, STAFF)


def _path(world: Kitchen, rest: str = "") -> str:
    return f"/api/v1/orders/{world.id}/substitutions{rest}"


async def _proposed(world: Kitchen, call: Caller) -> str:
    answer = await call("POST", _path(world), REPLACEMENT, key="k1")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_substitution_is_proposed_once_for_a_key_and_visible_to_both_sides(
    world: Kitchen, call: Caller
) -> None:
    first = await call("POST", _path(world), REPLACEMENT, key="k1")
    again = await call("POST", _path(world), REPLACEMENT, key="k1")
    other = await call("POST", _path(world), REPLACEMENT | {"quantity": 1}, key="k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    made = first.json()
    assert (made["line"]["item_id"], made["replacement"]["item_id"], made["state"]) == (
        "dosa",
        "idli",
        "open",
    )
    assert made["reason"] == "out_of_stock"
    for uid in (CUSTOMER, STAFF):
        listed = (await call.be(uid)("GET", _path(world))).json()
        assert (listed["substitutions"], listed["refund_due"]) == ([made], 0)
    assert (await call.be(STRANGER)("GET", _path(world))).status_code == 404


async def test_accepting_twice_with_one_key_returns_the_same_answer(world: Kitchen, call: Caller) -> None:
    path = _path(world, f"/{await _proposed(world, call)}/accept")
    accepted = await call.be(CUSTOMER)("POST", path, key="k2")
    again = await call.be(CUSTOMER)("POST", path, key="k2")
    late = await call.be(CUSTOMER)("POST", path)

    assert (accepted.status_code, again.json()) == (200, accepted.json())
    assert accepted.json()["amounts"]["items"] == 10_000
    assert (late.status_code, late.json()["code"]) == (409, "SUBSTITUTION_OVER")


async def test_declining_the_last_line_cancels_the_order(world: Kitchen, call: Caller) -> None:
    path = _path(world, f"/{await _proposed(world, call)}/decline")
    answer = await call.be(CUSTOMER)("POST", path)
    assert (answer.status_code, answer.json()["fulfilment"]) == (200, "cancelled")


async def test_only_the_merchant_proposes_and_only_the_customer_answers(world: Kitchen, call: Caller) -> None:
    id_ = await _proposed(world, call)
    for uid, status in ((CUSTOMER, 403), (DRIVER, 404), (STRANGER, 404)):
        assert (await call.be(uid)("POST", _path(world), REPLACEMENT, key="k3")).status_code == status
    for verb in ("accept", "decline"):
        for uid, status in ((STAFF, 403), (DRIVER, 404), (STRANGER, 404)):
            assert (await call.be(uid)("POST", _path(world, f"/{id_}/{verb}"))).status_code == status
    unknown = await call.be(CUSTOMER)("POST", _path(world, "/sub_unknown/accept"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "SUBSTITUTION_NOT_FOUND")


@pytest.mark.parametrize(
    "wrong",
    [
        {"line": -1},
        {"line": 1},
        {"line": 50},
        {"line": 10**30},
        {"line": 0.0},
        {"line": "0"},
        {"line": True},
        {"line": None},
        {"quantity": 0},
        {"quantity": 100},
        {"item_id": ""},
        {"item_id": "unheard-of"},
        {"modifiers": ["x"]},
        {"modifiers": ["x"] * 51},
        {"reason": "unknown"},
        {"reason": None},
        {"price": 1},
    ],
)
async def test_a_malformed_proposal_is_refused(world: Kitchen, call: Caller, wrong: dict[str, Any]) -> None:
    answer = await call("POST", _path(world), REPLACEMENT | wrong, key="k1")
    assert answer.status_code == 422, answer.text
    assert (await world.order()).substitutions == ()


async def test_a_proposal_needs_an_idempotency_key(world: Kitchen, call: Caller) -> None:
    assert (await call("POST", _path(world), REPLACEMENT)).status_code == 400


def _menu_without(world: Kitchen, **changes: Any) -> None:
    """Publish a menu whose idlis have changed, or which has none."""
    menu = dict(world.database.data("merchants/mer_1/menu/2"))
    others = [item for item in menu["items"] if item["id"] != "idli"]
    idlis = [{**item, **changes} for item in menu["items"] if item["id"] == "idli" and changes]
    world.database.seed("merchants/mer_1/menu/3", {**menu, "version": 3, "items": [*others, *idlis]})
    world.merchant(menu_version=3)


@pytest.mark.parametrize("changes", [{"available": False}, {}])
async def test_fault_21_a_replacement_that_is_gone_meanwhile_is_refused_by_name(
    world: Kitchen, call: Caller, changes: dict[str, Any]
) -> None:
    path = _path(world, f"/{await _proposed(world, call)}")
    _menu_without(world, **changes)

    refused = await call.be(CUSTOMER)("POST", f"{path}/accept")

    assert (refused.status_code, refused.json()["code"]) == (409, "ITEM_UNAVAILABLE")
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["message"]) == ("/replacement", "Idli is not available any more")
    assert (await world.order()).items[0].item_id == "dosa", "the order is as it was"
    assert (await call.be(CUSTOMER)("POST", f"{path}/decline")).status_code == 200


async def test_fault_21_the_price_of_the_proposal_holds_when_the_menu_changes(
    world: Kitchen, call: Caller
) -> None:
    path = _path(world, f"/{await _proposed(world, call)}/accept")
    _menu_without(world, price=9_900)
    accepted = await call.be(CUSTOMER)("POST", path)
    assert (accepted.status_code, accepted.json()["amounts"]["items"]) == (200, 10_000)


async def test_fault_21_a_replacement_that_is_sold_out_meanwhile_is_refused_with_what_is_left(
    world: Kitchen, call: Caller
) -> None:
    pies = REPLACEMENT | {"item_id": "pie", "quantity": 2}
    proposed = await call("POST", _path(world), pies, key="k1")
    world.stock("pie", 1)

    refused = await call.be(CUSTOMER)("POST", _path(world, f"/{proposed.json()['id']}/accept"))

    assert (refused.status_code, refused.json()["code"]) == (409, "OUT_OF_STOCK")
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["message"]) == ("/replacement/quantity", "1 left")
