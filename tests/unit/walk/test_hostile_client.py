"""The walk of a hostile client: every operation of the published document, with every kind of token that has
no right any more. Nothing moves and nothing is read.

The operations come from the document, so that a new route is covered by itself.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.e2e.access import access_to
from tests.unit.walk.world import (
    ADMIN,
    API,
    CANARY,
    COOK,
    CUSTOMER,
    DRIVER,
    LATER_S,
    ROLES,
    STAFF,
    WHY,
    World,
    operations,
    token,
)

pytestmark = pytest.mark.mission("A1", "A4")

WALKED = {name: one for name, one in operations().items() if not access_to(name).public}
HELD = {STAFF: "staff", COOK: "staff", CUSTOMER: "customer", DRIVER: "driver", ADMIN: "admin"}
"""The role of the matrix of rights that each person has; support has none of its own there."""


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(monkeypatch)
    await made.build()
    return made


async def _expired(world: World, uid: str) -> tuple[str, int, str]:
    return token(uid, lives_s=-3_600), 401, "TOKEN_EXPIRED"


async def _signed_out(world: World, uid: str) -> tuple[str, int, str]:
    await world.done(uid, "DELETE", "/me/sessions")
    return token(uid), 401, "SESSION_REVOKED"


async def _session_ended(world: World, uid: str) -> tuple[str, int, str]:
    sessions = (await world.done(uid, "GET", "/me/sessions"))["sessions"]
    [current] = [one["id"] for one in sessions if one["current"]]
    await world.done(uid, "DELETE", f"/me/sessions/{current}")
    return token(uid), 401, "SESSION_REVOKED"


async def _revoked(world: World, uid: str) -> tuple[str, int, str]:
    await world.done("root", "POST", f"/admin/users/{uid}/revoke", WHY)
    return token(uid), 401, "SESSION_REVOKED"


async def _closed(world: World, uid: str) -> tuple[str, int, str]:
    await world.done("root", "POST", f"/admin/users/{uid}/disable", WHY)
    return token(uid), 403, "ACCOUNT_DISABLED"


async def _closed_and_signed_in_again(world: World, uid: str) -> tuple[str, int, str]:
    await _closed(world, uid)
    return token(uid, later=LATER_S), 403, "ACCOUNT_DISABLED"


async def _closed_without_any_document(world: World, uid: str) -> tuple[str, int, str]:
    """The role is there (the shop, the driver, the order), and neither a profile nor an account."""
    for path in [path for path in world.database.docs if path.startswith((f"users/{uid}", f"auth/{uid}"))]:
        del world.database.docs[path]
    return await _closed(world, uid)


ENDS = (
    _expired,
    _signed_out,
    _session_ended,
    _revoked,
    _closed,
    _closed_and_signed_in_again,
    _closed_without_any_document,
)


async def _answers(world: World, bearer: str) -> dict[str, httpx.Response]:
    in_turn = sorted(WALKED.items(), key=_by_destruction)
    return {name: await world.ask(bearer, name, one) for name, one in in_turn}


def _by_destruction(entry: tuple[str, Any]) -> int:
    """Let the driver take the order on before they hand it back, and put last what takes things away: an
    operator's end of the order, deletions, and at the very end what ends the caller's own sign-in."""
    method, path = entry[0].split()
    if method == "DELETE":
        return 5 if path == "/me/sessions" else 4
    if path.startswith("/admin/orders/"):
        return 3
    return 0 if path.startswith("/driver/orders/") else 1 if path.endswith("/hand-back") else 2


@pytest.mark.parametrize("uid", ROLES)
@pytest.mark.parametrize("end", ENDS)
async def test_fault_01_fault_03_with_a_token_that_has_no_right_any_more_nothing_moves_and_nothing_is_read(
    world: World, end: Any, uid: str
) -> None:
    bearer, status, code = await end(world, uid)
    before = world.state()
    answers = await _answers(world, bearer)

    let_in = {
        name: (got.status_code, got.json().get("code"))
        for name, got in answers.items()
        if (got.status_code, got.json().get("code")) != (status, code)
    }
    assert let_in == {}
    assert world.state() == before
    assert not [name for name, got in answers.items() if CANARY in got.text]
    assert {got.headers["content-type"] for got in answers.values()} == {"application/problem+json"}


async def test_without_a_token_nothing_moves_and_nothing_is_read(world: World) -> None:
    before = world.state()
    answers = await _answers(world, "")

    assert {name: got.status_code for name, got in answers.items() if got.status_code != 401} == {}
    assert world.state() == before


@pytest.mark.parametrize("end", [_signed_out, _closed])
async def test_one_who_is_let_in_again_is_let_in(world: World, end: Any) -> None:
    """The walk would prove nothing in a town that refuses everyone."""
    await end(world, CUSTOMER)
    if end is _closed:
        await world.done("root", "POST", f"/admin/users/{CUSTOMER}/enable", WHY)
    again = token(CUSTOMER, later=LATER_S)

    order = await world.send(again, "GET", f"{API}/orders/{world.ids['order_id']}")
    assert (order.status_code, CANARY in order.text) == (200, True)


async def _dismissed(world: World) -> str:
    await world.done(STAFF, "DELETE", f"/merchants/{world.ids['merchant_id']}/staff/{COOK}")
    return COOK


async def _without_any_document(world: World) -> str:
    return "nobody_yet"


@pytest.mark.parametrize("come", [_dismissed, _without_any_document])
async def test_fault_02_a_dismissed_member_and_a_person_without_any_document_find_nothing_of_others(
    world: World, come: Any
) -> None:
    uid = await come(world)
    others = _of_others(world, uid)
    answers = await _answers(world, token(uid))

    wrong = {
        name: (got.status_code, got.text[:200])
        for name, got in answers.items()
        if access_to(name).right and got.status_code not in (403, 404, 409, 422)
    }
    assert wrong == {}
    owned = {name for name in answers if access_to(name).right in ("staff", "customer")}
    admitted = {name for name in owned if answers[name].status_code not in (403, 404)}
    assert admitted == set()
    assert not [name for name, got in answers.items() if CANARY in got.text]
    assert _of_others(world, uid) == others


def _of_others(world: World, uid: str) -> dict[str, Any]:
    """Return all documents but those that the person has of their own."""
    own = (f"users/{uid}", f"auth/{uid}", f"drivers/{uid}", "idempotency/")
    return {
        path: document
        for path, (document, _) in world.database.docs.items()
        if not path.startswith(own) and uid not in str(document)
    }


async def test_the_same_requests_of_those_who_may_are_let_in(world: World) -> None:
    """What the hostile client sends is what would succeed: neither a wrong id nor a wrong body stops it."""
    stopped: dict[str, tuple[str, int, str]] = {}
    for name, one in sorted(WALKED.items(), key=_by_destruction):
        right = access_to(name).right
        uid = next((person for person, held in HELD.items() if held == right), f"guest_{len(stopped)}")
        if right == "admin":
            uid = "root"
        got = await world.ask(token(uid), name, one)
        if got.status_code in (401, 403, 404) or got.status_code >= 500:
            stopped[name] = (uid, got.status_code, got.json().get("code"))

    assert {name for name, found in stopped.items() if found[2] not in ABSENT} == set(), stopped


ABSENT = (
    "CODE_WRONG",
    "DRIVER_NOT_REGISTERED",
    "NOTIFICATION_NOT_FOUND",
    "SECOND_FACTOR_MISSING",
    "SUBSTITUTION_NOT_FOUND",
    "ZONE_NOT_FOUND",
)
"""Refusals to those who are let in: what they ask about is theirs, and is not there."""
