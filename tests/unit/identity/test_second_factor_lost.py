"""The second factor under guesses, after the loss of the phone, and when it is disabled."""

from __future__ import annotations

import asyncio

import pytest

from shared.identity.second_factor import MAX_FAILURES, SecondFactorRules
from tests.fakes.accounts import Caller, session_id
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.unit.identity.authenticator import FACTOR, App, seed_new_operator

pytestmark = pytest.mark.mission("A5")


@pytest.fixture
def app(call: Caller, clock: FakeClock) -> App:
    return App(call, clock)


@pytest.fixture
def root(call: Caller, clock: FakeClock, database: MemoryDatabase) -> App:
    seed_new_operator(database, "root")
    return App(call.be("root"), clock)


class TestGuessing:
    async def test_the_fifth_wrong_code_locks_the_factor_for_fifteen_minutes_for_right_codes_too(
        self, app: App
    ) -> None:
        await app.enrol()
        app.clock.wait(60)
        for _ in range(MAX_FAILURES):
            assert await app.send(app.wrong()) == (403, "CODE_WRONG")

        assert await app.send(app.code()) == (429, "SECOND_FACTOR_LOCKED")
        assert await app.send("aaaa-aaaa-aaaa-aaaa") == (429, "SECOND_FACTOR_LOCKED")
        app.clock.wait(SecondFactorRules().locked_for.total_seconds() - 1)
        assert await app.send(app.code()) == (429, "SECOND_FACTOR_LOCKED")
        app.clock.wait(1)
        assert (await app.send(app.code()))[0] == 200

    async def test_each_lock_is_twice_as_long_as_the_one_before_until_a_right_code(
        self, app: App, database: MemoryDatabase
    ) -> None:
        await app.enrol()

        async def locked_for() -> float:
            for _ in range(MAX_FAILURES):
                assert await app.send(app.wrong()) == (403, "CODE_WRONG")
            until = database.data("second_factors/asha")["locked_until"]
            found = (until - app.clock.now) / SecondFactorRules().locked_for
            app.clock.now = until
            return float(found)

        assert [await locked_for() for _ in range(6)] == [1, 2, 4, 8, 16, 16]
        assert (await app.send(app.code()))[0] == 200
        assert await locked_for() == 1

    async def test_guesses_of_another_person_cannot_lock_out_an_owner_with_a_recovery_code(
        self, root: App
    ) -> None:
        await root.enrol()
        root.clock.wait(700)
        thief = App(root.call.be("root@60"), root.clock)
        thief.secret = root.secret
        for _ in range(MAX_FAILURES):
            await thief.send(thief.wrong())
        assert await root.send(root.code()) == (429, "SECOND_FACTOR_LOCKED")

        assert (await root.send(root.recovery[0]))[0] == 200
        assert await root.has_recent_mfa()
        assert (await root.send(root.code()))[0] == 200

    async def test_a_right_code_resets_the_count(self, app: App) -> None:
        await app.enrol()
        for _ in range(3):
            app.clock.wait(30)
            for _ in range(MAX_FAILURES - 1):
                assert await app.send(app.wrong()) == (403, "CODE_WRONG")
            assert (await app.send(app.code()))[0] == 200

    async def test_guesses_at_once_and_from_many_sessions_count_one_by_one(
        self, app: App, database: MemoryDatabase
    ) -> None:
        await app.enrol()
        app.clock.wait(60)
        wrong = app.wrong()
        for batch in range(3):
            guessers = [App(app.call.be(f"asha@{batch * 3 + n}"), app.clock) for n in range(3)]
            await asyncio.gather(*(guesser.send(wrong) for guesser in guessers))

        assert database.data("second_factors/asha")["locked_until"]
        assert await app.send(app.code()) == (429, "SECOND_FACTOR_LOCKED")

    async def test_wrong_codes_count_on_every_route(self, app: App) -> None:
        await app.enrol()
        app.clock.wait(60)
        for what in ("verify", "disable", "recovery-codes", "disable"):
            assert await app.send(app.wrong(), what) == (403, "CODE_WRONG")
        assert await app.send("aaaa-bbbb-cccc-dddd") == (403, "CODE_WRONG")

        assert await app.send(app.code()) == (429, "SECOND_FACTOR_LOCKED")


class TestRecovery:
    async def test_each_code_works_once_however_it_is_typed(self, root: App) -> None:
        await root.enrol()
        root.clock.wait(700)
        assert len(set(root.recovery)) == 10
        typed = root.recovery[3].replace("-", "").upper()

        assert (await root.send(typed))[0] == 200
        assert await root.has_recent_mfa()
        assert await root.send(root.recovery[3]) == (403, "CODE_WRONG")
        assert (await root.call("GET", FACTOR)).json()["recovery_codes_left"] == 9

    async def test_of_two_uses_at_once_one_wins(self, app: App) -> None:
        await app.enrol()
        answers = await asyncio.gather(*(app.send(app.recovery[0]) for _ in range(2)))

        assert sorted(answers) == [(200, ""), (403, "CODE_WRONG")]

    async def test_new_ones_replace_the_old(self, app: App) -> None:
        await app.enrol()
        app.clock.wait(60)
        answer = await app.call("POST", f"{FACTOR}/recovery-codes", {"code": app.code()})
        fresh = answer.json()["recovery_codes"]

        assert len(fresh) == 10
        assert not set(fresh) & set(app.recovery)
        assert await app.send(app.recovery[0]) == (403, "CODE_WRONG")
        assert (await app.send(fresh[0]))[0] == 200

    async def test_another_user_s_recovery_codes_are_wrong(self, app: App, call: Caller) -> None:
        await app.enrol()
        other = App(call.be("ravi"), app.clock)
        await other.enrol()

        assert await other.send(app.recovery[0]) == (403, "CODE_WRONG")


class TestDisabling:
    async def test_it_needs_a_code_and_ends_recent_mfa(self, app: App, database: MemoryDatabase) -> None:
        await app.enrol()
        assert await app.send(app.wrong(), "disable") == (403, "CODE_WRONG")
        assert (await app.send(app.recovery[0], "disable"))[0] == 204

        [session] = database.collection("users/asha/sessions").values()
        assert session["recent_mfa_until"] is None
        assert database.collection("second_factors") == {}
        assert (await app.call("GET", FACTOR)).json()["enrolled"] is False

    async def test_an_ended_session_can_do_none_of_it(self, app: App) -> None:
        await app.enrol()
        await app.call.be("asha@60")("DELETE", "/api/v1/me/sessions/" + session_id("asha"))
        app.clock.wait(60)

        for what in ("verify", "disable", "recovery-codes", "confirm"):
            assert await app.send(app.code(), what) == (401, "SESSION_REVOKED")
        assert (await app.call("POST", FACTOR)).status_code == 401
