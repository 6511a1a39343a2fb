"""A second factor that is lost with its recovery codes, and the admin who removes it."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.accounts import SIGNED_IN, Caller, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.identities import FakeIdentities
from tests.unit.identity.authenticator import FACTOR, App

pytestmark = pytest.mark.mission("A5")

RESET = "/api/v1/admin/users/{}/second-factor/reset"
WHY = {"reason": "phone stolen, identity shown on a call"}


@pytest.fixture
def asha(call: Caller, clock: FakeClock) -> App:
    return App(call, clock)


@pytest.fixture
def root(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "root")
    return call.be("root")


async def test_its_owner_signs_in_again_and_enrols_another(
    asha: App, root: Caller, database: MemoryDatabase, identities: FakeIdentities, clock: FakeClock
) -> None:
    await asha.enrol()
    answer = await root("POST", RESET.format("asha"), WHY)

    assert (answer.status_code, answer.json()["second_factor"]) == (200, False)
    assert database.collection("second_factors") == {}
    assert identities.signed_out == {"asha": clock.now}
    assert (await asha.call("GET", FACTOR)).status_code == 401
    later = int((clock.now - SIGNED_IN).total_seconds()) + 1
    again = App(root.be(f"asha@{later}"), clock)
    assert await again.send(asha.recovery[0]) == (404, "SECOND_FACTOR_MISSING")
    await again.enrol()
    assert again.secret != asha.secret


async def test_the_audit_log_has_the_reason_and_the_event_for_the_owner_has_not(
    asha: App, root: Caller, database: MemoryDatabase, bus: MemoryBus
) -> None:
    await asha.enrol()
    await asha.call("POST", "/api/v1/me/devices", {"token": "phone", "platform": "android"})
    await root("POST", RESET.format("asha"), WHY)

    [entry] = database.collection("audit").values()
    assert (entry["actor_id"], entry["action"], entry["subject_id"], entry["reason"]) == (
        "root",
        "second_factor_reset",
        "asha",
        WHY["reason"],
    )
    [event] = bus.fields("second_factor_reset")
    assert event["user_id"] == "asha"
    assert "stolen" not in str(event)
    assert database.data("users/asha")["push_tokens"] == ["phone"]  # a push informs the owner


async def test_a_second_click_is_no_second_action(
    asha: App, root: Caller, database: MemoryDatabase, bus: MemoryBus
) -> None:
    await asha.enrol()
    answers = await asyncio.gather(*(root("POST", RESET.format("asha"), WHY) for _ in range(3)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(database.collection("audit")) == 1
    assert bus.names().count("second_factor_reset") == 1


async def test_a_repeated_request_informs_the_sign_in_service_and_ends_no_newer_session(
    asha: App, root: Caller, identities: FakeIdentities, clock: FakeClock
) -> None:
    await asha.enrol()
    identities.down, at = 1, clock.now
    assert (await root("POST", RESET.format("asha"), WHY)).status_code == 503
    clock.wait(60)
    later = root.be(f"asha@{int((clock.now - SIGNED_IN).total_seconds())}")
    assert (await root("POST", RESET.format("asha"), WHY)).status_code == 200

    assert identities.signed_out == {"asha": at}
    assert (await later("GET", FACTOR)).json()["enrolled"] is False


async def test_an_unconfirmed_factor_is_removed_too(
    asha: App, root: Caller, database: MemoryDatabase
) -> None:
    await asha.call("POST", FACTOR)
    assert (await root("POST", RESET.format("asha"), WHY)).status_code == 200

    assert database.collection("second_factors") == {}


async def test_a_user_without_a_second_factor_stays_signed_in_and_the_audit_log_gets_no_entry(
    call: Caller, root: Caller, database: MemoryDatabase, identities: FakeIdentities, clock: FakeClock
) -> None:
    await call("GET", "/api/v1/me")
    answer = await root("POST", RESET.format("asha"), WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_DECIDED")

    assert (await call("GET", FACTOR)).status_code == 200
    assert (database.collection("audit"), identities.signed_out) == ({}, {})


async def test_an_admin_cannot_reset_their_own(root: Caller, database: MemoryDatabase) -> None:
    answer = await root("POST", RESET.format("root"), WHY)

    assert (answer.status_code, answer.json()["code"]) == (409, "OWN_ACCOUNT")
    assert database.data("auth/root")["second_factor"] is True


@pytest.mark.parametrize(
    ("uid", "code"),
    [
        ("ravi", "ROLE_MISSING"),
        ("sita", "ROLE_MISSING"),
        ("root@60", "SECOND_FACTOR_REQUIRED"),
        ("fresh", "SECOND_FACTOR_NOT_ENROLLED"),
    ],
)
async def test_it_takes_an_admin_with_recent_mfa(
    asha: App, root: Caller, database: MemoryDatabase, uid: str, code: str
) -> None:
    await asha.enrol()
    seed_operator(database, "sita", "support")
    database.seed("auth/fresh", {"roles": ["admin"]})
    answer = await root.be(uid)("POST", RESET.format("asha"), WHY)

    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert "asha" in database.collection("second_factors")


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "a\u0007b"}, {**WHY, "uid": "ravi"}])
async def test_without_a_readable_reason_nothing_changes(
    asha: App, root: Caller, database: MemoryDatabase, body: dict[str, str]
) -> None:
    await asha.enrol()
    assert (await root("POST", RESET.format("asha"), body)).status_code == 422
    assert "asha" in database.collection("second_factors")


async def test_the_reset_of_an_unknown_user_is_404(root: Caller, database: MemoryDatabase) -> None:
    answer = await root("POST", RESET.format("unknown"), WHY)

    assert (answer.status_code, answer.json()["code"]) == (404, "USER_NOT_FOUND")
    assert database.collection("audit") == {}
