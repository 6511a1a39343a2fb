"""What operators do to other users' accounts, and the audit log of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.accounts import SIGNED_IN, Caller, seed_operator, session_id
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.identities import FakeIdentities
from tests.unit.identity.authenticator import App

pytestmark = pytest.mark.mission("A1", "A4")

SESSIONS = "/api/v1/me/sessions"
WHY = {"reason": "lost phone"}
PATHS = ["roles", "revoke", "disable", "enable", "second-factor/reset", "second-factor/enrolment-code"]


@pytest.fixture(autouse=True)
def operators(database: MemoryDatabase) -> None:
    seed_operator(database, "root")
    seed_operator(database, "sita", "support")


async def test_support_ends_all_sessions_of_a_user_and_the_audit_log_says_who_did_it_and_why(
    call: Caller, database: MemoryDatabase, clock: FakeClock, identities: FakeIdentities
) -> None:
    await call("GET", "/api/v1/me")
    answer = await call.be("sita")("POST", "/api/v1/admin/users/asha/revoke", WHY)

    assert (answer.status_code, answer.json()["uid"]) == (200, "asha")
    assert (await call("GET", SESSIONS)).status_code == 401
    assert "asha" in identities.signed_out
    [entry] = database.collection("audit").values()
    assert {key: entry[key] for key in ("actor_id", "action", "subject_id", "reason", "at")} == {
        "actor_id": "sita",
        "action": "sessions_revoked",
        "subject_id": "asha",
        "reason": "lost phone",
        "at": clock.now,
    }


async def test_a_disabled_account_is_refused_until_it_is_enabled_again(
    call: Caller, database: MemoryDatabase, clock: FakeClock, identities: FakeIdentities
) -> None:
    await call("GET", "/api/v1/me")
    root = call.be("root")
    for _ in range(2):
        assert (await root("POST", "/api/v1/admin/users/asha/disable", WHY)).json()["disabled"]
    later = call.be(f"asha@{int((clock.now - SIGNED_IN).total_seconds()) + 1}")
    for path in ("/api/v1/me", SESSIONS):
        refused = await later("GET", path)
        assert (refused.status_code, refused.json()["code"]) == (403, "ACCOUNT_DISABLED")
    assert identities.disabled == {"asha"}

    await root("POST", "/api/v1/admin/users/asha/enable", WHY)
    assert (await later("GET", SESSIONS)).status_code == 200
    assert identities.disabled == set()
    actions = [entry["action"] for entry in database.collection("audit").values()]
    assert sorted(actions) == ["account_disabled", "account_enabled"]


async def test_roles_are_granted_and_revoked_at_once_and_the_audit_log_has_them_before_and_after(
    call: Caller, database: MemoryDatabase, clock: FakeClock
) -> None:
    await App(call, clock).enrol()
    root = call.be("root")
    body = {"grant": ["support", "driver"], "reason": "new colleague"}
    given = await root("POST", "/api/v1/admin/users/asha/roles", body)
    assert given.json()["roles"] == ["driver", "support"]
    assert (await call("GET", "/api/v1/me")).json()["roles"] == ["driver", "support"]
    again = await root("POST", "/api/v1/admin/users/asha/roles", body)
    assert again.status_code == 200
    taken = await root("POST", "/api/v1/admin/users/asha/roles", {"revoke": ["support"], **WHY})

    assert taken.json()["roles"] == ["driver"]
    entries = sorted(database.collection("audit").values(), key=lambda entry: len(entry["before"]))
    assert [(entry["before"], entry["after"]) for entry in entries] == [
        ([], ["driver", "support"]),
        (["driver", "support"], ["driver"]),
    ]


async def test_grants_at_once_are_all_kept(call: Caller, database: MemoryDatabase, clock: FakeClock) -> None:
    await App(call, clock).enrol()
    root = call.be("root")
    await asyncio.gather(
        *(
            root("POST", "/api/v1/admin/users/asha/roles", {"grant": [role], **WHY})
            for role in ("driver", "merchant", "support")
        )
    )

    assert database.data("auth/asha")["roles"] == ["driver", "merchant", "support"]
    assert len(database.collection("audit")) == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"grant": ["system"], **WHY}, 422),
        ({"grant": ["king"], **WHY}, 422),
        ({"grant": "admin", **WHY}, 422),
        ({"grant": ["driver"]}, 422),
        ({"grant": ["driver"], "reason": " "}, 422),
        ({"grant": ["driver"] * 8, **WHY}, 422),
        ({"roles": ["admin"], **WHY}, 422),
    ],
)
async def test_roles_that_cannot_be_granted_are_refused(
    call: Caller, database: MemoryDatabase, body: dict[str, Any], status: int
) -> None:
    await call("GET", "/api/v1/me")
    answer = await call.be("root")("POST", "/api/v1/admin/users/asha/roles", body)

    assert answer.status_code == status
    assert database.collection("audit") == {}


async def test_an_admin_cannot_revoke_their_own_role(call: Caller) -> None:
    body = {"revoke": ["admin"], **WHY}
    answer = await call.be("root")("POST", "/api/v1/admin/users/root/roles", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "OWN_ADMIN_ROLE")


async def test_an_admin_grants_and_revokes_no_role_of_their_own(
    call: Caller, database: MemoryDatabase
) -> None:
    for change in ({"grant": ["driver"]}, {"revoke": ["driver"]}, {"grant": ["admin"]}):
        answer = await call.be("root")("POST", "/api/v1/admin/users/root/roles", {**change, **WHY})
        assert (answer.status_code, answer.json()["code"]) == (409, "OWN_ACCOUNT")

    assert database.data("auth/root")["roles"] == ["admin"]
    assert database.collection("audit") == {}


async def test_an_admin_cannot_disable_their_own_account(call: Caller, database: MemoryDatabase) -> None:
    for path in ("disable", "enable"):
        answer = await call.be("root")("POST", f"/api/v1/admin/users/root/{path}", WHY)
        assert (answer.status_code, answer.json()["code"]) == (409, "OWN_ACCOUNT")

    assert database.collection("audit") == {}


@pytest.mark.parametrize(
    ("path", "body"), [("roles", {"revoke": ["admin"], **WHY}), ("disable", WHY)], ids=["demote", "disable"]
)
async def test_of_two_admins_who_demote_each_other_at_once_one_stays_an_admin(
    call: Caller, database: MemoryDatabase, path: str, body: dict[str, Any]
) -> None:
    seed_operator(database, "rani")
    answers = await asyncio.gather(
        call.be("root")("POST", f"/api/v1/admin/users/rani/{path}", body),
        call.be("rani")("POST", f"/api/v1/admin/users/root/{path}", body),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 403]
    people = [database.data(f"auth/{uid}") for uid in ("root", "rani")]
    assert len([one for one in people if "admin" in one["roles"] and not one.get("disabled")]) == 1
    assert len(database.collection("audit")) == 1


async def test_a_revocation_by_a_process_whose_clock_is_behind_readmits_no_session(
    call: Caller, database: MemoryDatabase, clock: FakeClock
) -> None:
    await call("GET", "/api/v1/me")
    await call.be("sita")("POST", "/api/v1/admin/users/asha/revoke", WHY)
    later, clock.now = clock.now, clock.now - timedelta(seconds=30)
    await call.be("root")("POST", "/api/v1/admin/users/asha/revoke", WHY)

    assert database.data("auth/asha")["tokens_valid_after"] == later


@pytest.mark.parametrize(("uid", "path"), [("sita", "revoke"), ("root", "disable")])
async def test_a_phone_whose_session_was_ended_gets_no_more_pushes(
    call: Caller, database: MemoryDatabase, clock: FakeClock, uid: str, path: str
) -> None:
    await call("POST", "/api/v1/me/devices", {"token": "phone", "platform": "android"})
    await call.be(uid)("POST", f"/api/v1/admin/users/asha/{path}", WHY)

    assert database.data("users/asha")["push_tokens"] == []
    assert database.collection("users/asha/devices") == {}
    assert database.collection("device_tokens") == {}


async def test_support_cannot_grant_roles_or_act_on_operators(call: Caller) -> None:
    sita = call.be("sita")
    roles = await sita("POST", "/api/v1/admin/users/sita/roles", {"grant": ["admin"], **WHY})
    revoke = await sita("POST", "/api/v1/admin/users/root/revoke", WHY)
    disable = await sita("POST", "/api/v1/admin/users/asha/disable", WHY)

    assert [answer.json()["code"] for answer in (roles, revoke, disable)] == [
        "ROLE_MISSING",
        "OPERATOR_PROTECTED",
        "ROLE_MISSING",
    ]


@pytest.mark.parametrize("path", PATHS)
async def test_an_action_on_an_unknown_user_is_404(call: Caller, database: MemoryDatabase, path: str) -> None:
    answer = await call.be("root")("POST", f"/api/v1/admin/users/unknown/{path}", WHY)

    assert (answer.status_code, answer.json()["code"]) == (404, "USER_NOT_FOUND")
    assert database.collection("audit") == {}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("uid", "code"),
    [
        ("asha", "ROLE_MISSING"),
        ("half-root", "PHONE_NOT_VERIFIED"),
        ("fresh", "SECOND_FACTOR_NOT_ENROLLED"),
    ],
)
async def test_without_role_phone_or_second_factor_every_route_refuses(
    call: Caller, database: MemoryDatabase, path: str, uid: str, code: str
) -> None:
    database.seed("auth/half-root", {"roles": ["admin"], "second_factor": True})
    database.seed("auth/fresh", {"roles": ["admin", "support"]})
    answer = await call.be(uid)("POST", f"/api/v1/admin/users/asha/{path}", WHY)

    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_a_demoted_admin_is_refused_with_the_next_request(
    call: Caller, database: MemoryDatabase
) -> None:
    await call("GET", "/api/v1/me")
    seed_operator(database, "rani")
    body = {"revoke": ["admin"], **WHY}
    await call.be("root")("POST", "/api/v1/admin/users/rani/roles", body)

    refused = await call.be("rani")("POST", "/api/v1/admin/users/asha/revoke", WHY)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_MISSING")


async def test_recent_mfa_of_one_session_does_not_count_for_another(call: Caller) -> None:
    refused = await call.be("root@60")("POST", "/api/v1/admin/users/asha/revoke", WHY)

    assert (refused.status_code, refused.json()["code"]) == (403, "SECOND_FACTOR_REQUIRED")


async def test_recent_mfa_expires(call: Caller, clock: FakeClock, database: MemoryDatabase) -> None:
    path = f"users/root/sessions/{session_id('root')}"
    database.seed(path, database.data(path) | {"recent_mfa_until": clock.now + timedelta(seconds=1)})
    first = await call.be("root")("POST", "/api/v1/admin/users/sita/revoke", WHY)
    clock.wait(1)
    second = await call.be("root")("POST", "/api/v1/admin/users/sita/revoke", WHY)

    assert (first.status_code, second.json()["code"]) == (200, "SECOND_FACTOR_REQUIRED")


@pytest.mark.parametrize(
    ("uid", "path", "body", "action"),
    [
        ("root", "roles", {"grant": ["driver"], **WHY}, "roles_changed"),
        ("sita", "revoke", WHY, "sessions_revoked"),
        ("root", "disable", WHY, "account_disabled"),
    ],
)
async def test_an_operator_can_act_on_a_user_who_signed_up_and_never_called_the_api(
    call: Caller,
    database: MemoryDatabase,
    identities: FakeIdentities,
    uid: str,
    path: str,
    body: dict[str, Any],
    action: str,
) -> None:
    identities.users.add("newcomer")
    answer = await call.be(uid)("POST", f"/api/v1/admin/users/newcomer/{path}", body)

    assert (answer.status_code, answer.json()["uid"], answer.json()["name"]) == (200, "newcomer", "")
    [entry] = database.collection("audit").values()
    assert (entry["subject_id"], entry["action"]) == ("newcomer", action)
    assert "newcomer" in database.collection("auth")
    assert "newcomer" not in database.collection("users")
    assert identities.disabled == ({"newcomer"} if path == "disable" else set())
    assert set(identities.signed_out) == (set() if path == "roles" else {"newcomer"})


async def test_a_newcomer_who_was_disabled_is_refused_at_their_first_request(
    call: Caller, database: MemoryDatabase, identities: FakeIdentities
) -> None:
    identities.users.add("newcomer")
    await call.be("root")("POST", "/api/v1/admin/users/newcomer/disable", WHY)
    for method, path, body in (
        ("GET", "/api/v1/me", None),
        ("PUT", "/api/v1/me", {"name": "Nina"}),
        ("POST", "/api/v1/me/devices", {"token": "phone", "platform": "android"}),
        ("POST", SESSIONS, {"label": "Phone", "platform": "android"}),
        ("GET", SESSIONS, None),
    ):
        refused = await call.be("newcomer")(method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "ACCOUNT_DISABLED")

    assert "newcomer" not in database.collection("users")


async def test_nothing_changes_while_the_sign_in_service_cannot_say_whether_a_user_exists(
    call: Caller, database: MemoryDatabase, identities: FakeIdentities
) -> None:
    identities.down = 1
    answer = await call.be("root")("POST", "/api/v1/admin/users/newcomer/disable", WHY)

    assert (answer.status_code, database.collection("audit")) == (503, {})
