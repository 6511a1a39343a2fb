"""Decisions of operators about accounts that come again: with their key, late, or for another reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.accounts import SIGNED_IN, Caller, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.unit.identity.authenticator import App

pytestmark = pytest.mark.mission("A4", "A5")

ASHA = "/api/v1/admin/users/asha"
WHY = {"reason": "lost phone"}
ANOTHER = {"reason": "another"}
DRIVES = {"grant": ["driver"]}


@pytest.fixture
def root(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "root")
    return call.be("root")


def _disabled(account: dict[str, Any]) -> object:
    return account["disabled"]


def _roles(account: dict[str, Any]) -> object:
    return account["roles"]


@pytest.mark.parametrize(
    ("decision", "body", "later", "later_body", "shown", "value"),
    [
        ("disable", {}, "enable", {}, _disabled, False),
        ("enable", {}, "disable", {}, _disabled, True),
        ("roles", DRIVES, "roles", {"revoke": ["driver"]}, _roles, []),
    ],
)
async def test_a_decision_that_comes_again_late_with_its_key_undoes_no_later_one(
    call: Caller,
    root: Caller,
    database: MemoryDatabase,
    decision: str,
    body: dict[str, Any],
    later: str,
    later_body: dict[str, Any],
    shown: Callable[[dict[str, Any]], object],
    value: object,
) -> None:
    await call("GET", "/api/v1/me")
    if decision == "enable":
        await root("POST", f"{ASHA}/disable", WHY)
    first = await root("POST", f"{ASHA}/{decision}", {**body, **WHY}, key="k")
    await root("POST", f"{ASHA}/{later}", {**later_body, **WHY})
    again = await root("POST", f"{ASHA}/{decision}", {**body, **WHY}, key="k")

    assert (again.status_code, again.json()) == (200, first.json())
    assert first.json()["name"] == "Asha"
    assert shown(database.data("auth/asha")) == value


async def test_a_retry_of_ending_all_sessions_ends_no_later_session(
    call: Caller, root: Caller, clock: FakeClock
) -> None:
    await call("GET", "/api/v1/me")
    await root("POST", f"{ASHA}/revoke", WHY, key="k")
    later = call.be(f"asha@{int((clock.now - SIGNED_IN).total_seconds()) + 1}")
    assert (await later("GET", "/api/v1/me/sessions")).status_code == 200
    clock.wait(10)

    assert (await root("POST", f"{ASHA}/revoke", WHY, key="k")).status_code == 200
    assert (await later("GET", "/api/v1/me/sessions")).status_code == 200


async def test_a_retry_of_a_reset_takes_no_later_factor_away(
    call: Caller, root: Caller, bus: MemoryBus, clock: FakeClock, database: MemoryDatabase
) -> None:
    await App(call, clock).enrol()
    path = f"{ASHA}/second-factor/reset"
    first = await root("POST", path, WHY, key="k")
    later = call.be(f"asha@{int((clock.now - SIGNED_IN).total_seconds()) + 1}")
    await App(later, clock).enrol()
    again = await root("POST", path, WHY, key="k")

    assert (again.status_code, again.json()) == (200, first.json())
    assert database.data("auth/asha")["second_factor"]
    assert bus.names().count("second_factor_reset") == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("roles", DRIVES), ("disable", {}), ("enable", {}), ("second-factor/reset", {})],
)
async def test_a_decision_that_was_made_before_is_refused_with_another_reason(
    call: Caller, root: Caller, clock: FakeClock, database: MemoryDatabase, path: str, body: dict[str, Any]
) -> None:
    await App(call, clock).enrol()
    if path == "enable":
        await root("POST", f"{ASHA}/disable", ANOTHER)
    for _ in range(2):
        assert (await root("POST", f"{ASHA}/{path}", {**body, **WHY})).status_code == 200
    entries = len(database.collection("audit"))
    again = await root("POST", f"{ASHA}/{path}", {**body, **ANOTHER})

    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_DECIDED")
    assert len(database.collection("audit")) == entries


@pytest.mark.parametrize("path", ["roles", "revoke", "disable", "enable", "second-factor/reset"])
async def test_a_key_of_a_decision_with_another_reason_is_refused(
    call: Caller, root: Caller, path: str
) -> None:
    await call("GET", "/api/v1/me")
    if path in ("enable", "second-factor/reset"):
        await root("POST", f"{ASHA}/disable", WHY)
        await root("POST", f"{ASHA}/enable", WHY)
    body = DRIVES if path == "roles" else {}
    first = await root("POST", f"{ASHA}/{path}", {**body, **WHY}, key="k")
    assert first.status_code == 200
    other = await root("POST", f"{ASHA}/{path}", {**body, **ANOTHER}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
