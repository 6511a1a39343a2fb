"""An operator's second factor belongs to the operator, not to the first sign-in that enrols one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from shared.adapters.firestore.database import Write
from shared.identity.enrolment_codes import VALID_FOR
from tests.fakes.accounts import SIGNED_IN, Caller, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.unit.identity.authenticator import CODE, ENROLMENT, FACTOR, App, seed_new_operator

pytestmark = pytest.mark.mission("A5")

USERS = "/api/v1/admin/users"
WHY = {"reason": "new colleague"}
PROMOTION = {"grant": ["admin"], **WHY}
CODES = f"{USERS}/asha/second-factor/enrolment-code"


@pytest.fixture
def root(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "root")
    return call.be("root")


@pytest.fixture
def asha(call: Caller, clock: FakeClock) -> App:
    return App(call, clock)


def _later(call: Caller, clock: FakeClock) -> Caller:
    """Return the caller after a sign-in at this moment."""
    return call.be(f"asha@{int((clock.now - SIGNED_IN).total_seconds()) + 1}")


class TestRoles:
    @pytest.mark.parametrize("role", ["admin", "support"])
    async def test_fault_04_a_role_in_operations_is_granted_only_for_a_confirmed_factor(
        self, asha: App, root: Caller, database: MemoryDatabase, role: str
    ) -> None:
        body = {"grant": [role, "driver"], **WHY}
        for method, path in (("GET", "/api/v1/me"), ("POST", FACTOR)):
            await asha.call(method, path)
            refused = await root("POST", f"{USERS}/asha/roles", body)
            assert (refused.status_code, refused.json()["code"]) == (409, "OPERATOR_NEEDS_SECOND_FACTOR")
        assert database.collection("audit") == {}

        await asha.enrol()
        granted = await root("POST", f"{USERS}/asha/roles", body)
        assert (granted.status_code, granted.json()["roles"]) == (200, sorted(["driver", role]))

    async def test_other_roles_need_none(self, asha: App, root: Caller) -> None:
        await asha.call("GET", "/api/v1/me")
        granted = await root("POST", f"{USERS}/asha/roles", {"grant": ["driver"], **WHY})

        assert granted.json()["roles"] == ["driver"]

    async def test_an_operator_who_lost_the_factor_keeps_and_loses_roles_but_gets_no_further_one(
        self, root: Caller, database: MemoryDatabase
    ) -> None:
        database.seed("auth/asha", {"uid": "asha", "roles": ["support"]})
        more = await root("POST", f"{USERS}/asha/roles", PROMOTION)
        assert more.json()["code"] == "OPERATOR_NEEDS_SECOND_FACTOR"
        less = await root("POST", f"{USERS}/asha/roles", {"revoke": ["support"], **WHY})
        assert (less.status_code, less.json()["roles"]) == (200, [])

    async def test_fault_04_an_operator_cannot_remove_their_factor(
        self, asha: App, root: Caller, database: MemoryDatabase
    ) -> None:
        await asha.enrol()
        await root("POST", f"{USERS}/asha/roles", PROMOTION)

        assert await asha.send(asha.recovery[0], "disable") == (409, "OPERATOR_NEEDS_SECOND_FACTOR")
        assert database.data("auth/asha")["second_factor"] is True
        assert len(database.data("second_factors/asha")["recovery"]) == 10  # the code was not used up


class TestEnrolment:
    async def test_an_admin_who_is_demoted_meanwhile_gives_no_code(
        self, asha: App, root: Caller, database: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asha.call("GET", "/api/v1/me")
        commit = database.commit

        async def overtaken(writes: Sequence[Write]) -> None:
            monkeypatch.setattr(database, "commit", commit)
            database.seed("auth/root", {**database.data("auth/root"), "roles": []})
            await commit(writes)

        monkeypatch.setattr(database, "commit", overtaken)
        refused = await root("POST", CODES, WHY)

        assert (refused.status_code, refused.json()["code"]) == (403, "OPERATOR_DEMOTED")
        assert database.collection("audit") == {}

    async def test_fault_04_a_second_sign_in_with_the_password_alone_does_not_become_an_admin(
        self, root: Caller, call: Caller, clock: FakeClock, database: MemoryDatabase
    ) -> None:
        seed_new_operator(database, "asha")
        thief = App(call, clock)
        for body, code in (
            (None, "ENROLMENT_CODE_REQUIRED"),
            ({}, "ENROLMENT_CODE_REQUIRED"),
            ({"enrolment_code": "aaaa-bbbb-cccc-dddd"}, "ENROLMENT_CODE_WRONG"),
        ):
            refused = await thief.call("POST", FACTOR, body)
            assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert not await thief.has_recent_mfa()

        owner = App(call.be("asha@60"), clock)
        await owner.enrol()
        assert await owner.has_recent_mfa()

    async def test_after_a_reset_an_operator_enrols_with_a_code_of_an_admin(
        self, asha: App, root: Caller, clock: FakeClock, database: MemoryDatabase, call: Caller
    ) -> None:
        await asha.enrol()
        await root("POST", f"{USERS}/asha/roles", PROMOTION)
        await root("POST", f"{USERS}/asha/second-factor/reset", WHY)
        again = App(_later(call, clock), clock)
        assert (await again.call("POST", FACTOR)).json()["code"] == "ENROLMENT_CODE_REQUIRED"

        issued = await root("POST", CODES, WHY)
        assert issued.status_code == 201
        body = {"enrolment_code": issued.json()["enrolment_code"].upper().replace("-", " ")}
        again.secret = (await again.call("POST", FACTOR, body)).json()["secret"]
        clock.wait(-clock.now.timestamp() % 30)
        assert (await again.send(again.code(), "confirm"))[0] == 200
        assert database.data("second_factors/asha")["admitted_by"] == "root"
        assert "enrolment_code_issued" in [entry["action"] for entry in database.collection("audit").values()]

    async def test_a_code_admits_one_factor(
        self, root: Caller, call: Caller, clock: FakeClock, database: MemoryDatabase
    ) -> None:
        seed_new_operator(database, "asha")
        await App(call, clock).enrol()
        await root("POST", f"{USERS}/asha/second-factor/reset", WHY)

        again = await _later(call, clock)("POST", FACTOR, ENROLMENT)
        assert (again.status_code, again.json()["code"]) == (403, "ENROLMENT_CODE_WRONG")

    async def test_an_enrolment_without_an_answer_is_repeated_with_the_same_code(
        self, call: Caller, clock: FakeClock, database: MemoryDatabase
    ) -> None:
        seed_new_operator(database, "asha")
        app = App(call, clock)
        assert (await app.call("POST", FACTOR, ENROLMENT)).status_code == 201
        await app.enrol()

        assert database.data("auth/asha")["enrolment_code"] is None

    async def test_a_code_expires_after_a_day(
        self, call: Caller, root: Caller, clock: FakeClock, database: MemoryDatabase
    ) -> None:
        seed_new_operator(database, "asha")
        clock.now += VALID_FOR - timedelta(seconds=1)
        assert (await call("POST", FACTOR, ENROLMENT)).status_code == 201
        clock.now += timedelta(seconds=1)

        assert (await call("POST", FACTOR, ENROLMENT)).json()["code"] == "ENROLMENT_CODE_WRONG"

    async def test_an_enrolment_that_began_before_the_role_is_not_confirmed_after_it(
        self, asha: App, database: MemoryDatabase
    ) -> None:
        asha.secret = (await asha.call("POST", FACTOR)).json()["secret"]
        account = database.data("auth/asha")
        database.seed("auth/asha", account | {"roles": ["admin"]})

        assert await asha.send(asha.code(), "confirm") == (403, "ENROLMENT_CODE_REQUIRED")
        assert database.data("auth/asha")["second_factor"] is False

    async def test_a_user_who_is_no_operator_needs_no_code(self, asha: App) -> None:
        await asha.enrol()

    async def test_only_the_hash_of_a_code_is_stored(self, root: Caller, database: MemoryDatabase) -> None:
        seed_new_operator(database, "asha")
        issued = (await root("POST", CODES, WHY)).json()["enrolment_code"]

        stored = str(database.data("auth/asha"))
        assert issued not in stored
        assert issued.replace("-", "") not in stored

    async def test_a_code_is_for_one_person(
        self, call: Caller, clock: FakeClock, database: MemoryDatabase
    ) -> None:
        seed_new_operator(database, "asha")
        seed_new_operator(database, "ravi")
        account = database.data("auth/ravi")
        database.seed("auth/ravi", account | {"enrolment_code": database.data("auth/asha")["enrolment_code"]})

        assert (await call.be("ravi")("POST", FACTOR, ENROLMENT)).json()["code"] == "ENROLMENT_CODE_WRONG"

    @pytest.mark.parametrize("code", ["", "123456", "abcd-efgh-ijkl-mno1", CODE * 9, 7])
    async def test_what_is_no_code_is_422(self, call: Caller, code: object) -> None:
        assert (await call("POST", FACTOR, {"enrolment_code": code})).status_code == 422


class TestCodes:
    async def test_a_user_with_a_factor_gets_no_code(self, asha: App, root: Caller) -> None:
        await asha.enrol()
        refused = await root("POST", CODES, WHY)

        assert (refused.status_code, refused.json()["code"]) == (409, "USER_HAS_SECOND_FACTOR")

    async def test_an_admin_gives_themselves_none(self, root: Caller, database: MemoryDatabase) -> None:
        refused = await root("POST", f"{USERS}/root/second-factor/enrolment-code", WHY)

        assert (refused.status_code, refused.json()["code"]) == (409, "OWN_ACCOUNT")
        assert database.collection("audit") == {}

    async def test_support_gives_none(self, root: Caller, database: MemoryDatabase) -> None:
        seed_operator(database, "sita", "support")
        refused = await root.be("sita")("POST", CODES, WHY)

        assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_MISSING")


class TestNotice:
    async def test_fault_04_the_owner_is_notified_of_a_factor_that_was_added_or_removed(
        self, asha: App, bus: MemoryBus
    ) -> None:
        await asha.enrol()
        assert [fact["user_id"] for fact in bus.fields("second_factor_added")] == ["asha"]
        await asha.send(asha.recovery[0], "disable")

        assert [fact["user_id"] for fact in bus.fields("second_factor_removed")] == ["asha"]
