"""The second factor as its owner enrols and uses it."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.adapters.secret_cipher import AesGcmCipher
from shared.identity.second_factor import MAX_FAILURES
from tests.fakes.accounts import Caller, session_id
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.unit.identity.authenticator import ENROLMENT, FACTOR, App, seed_new_operator

pytestmark = pytest.mark.mission("A5")


@pytest.fixture
def app(call: Caller, clock: FakeClock) -> App:
    return App(call, clock)


@pytest.fixture
def root(call: Caller, clock: FakeClock, database: MemoryDatabase) -> App:
    seed_new_operator(database, "root")
    return App(call.be("root"), clock)


class TestEnrolling:
    async def test_the_code_that_confirms_gives_an_admin_recent_mfa(self, root: App) -> None:
        assert not await root.has_recent_mfa()
        await root.enrol()

        assert await root.has_recent_mfa()
        view = (await root.call("GET", FACTOR)).json()
        assert view == {"enrolled": True, "pending": False, "recovery_codes_left": 10, "locked_until": None}
        assert (await root.call("GET", "/api/v1/me")).json()["second_factor"] is True

    async def test_the_uri_has_the_format_of_authenticator_apps(self, app: App) -> None:
        answer = (await app.call("POST", FACTOR)).json()

        uri = urlsplit(answer["otpauth_uri"])
        assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Waybill:asha%40example.com")
        assert parse_qs(uri.query) == {"secret": [answer["secret"]], "issuer": ["Waybill"]}
        assert len(answer["secret"]) == 32

    async def test_the_secret_is_stored_encrypted_and_returned_once(
        self, app: App, database: MemoryDatabase, cipher: AesGcmCipher
    ) -> None:
        await app.enrol()

        stored = database.data("second_factors/asha")
        assert app.secret not in repr(database.docs)
        assert not any(code in repr(database.docs) for code in app.recovery)
        assert cipher.decrypt(stored["secret"], "asha") == app.secret
        assert app.secret not in (await app.call("GET", FACTOR)).text

    async def test_an_unconfirmed_factor_gives_no_recent_mfa_and_can_be_replaced(self, root: App) -> None:
        root.secret = (await root.call("POST", FACTOR, ENROLMENT)).json()["secret"]
        assert (await root.call("GET", FACTOR)).json()["pending"] is True
        assert await root.send(root.code()) == (409, "SECOND_FACTOR_UNCONFIRMED")
        assert not await root.has_recent_mfa()
        old = root.code()
        await root.enrol()

        assert await root.send(old) != (200, "")

    async def test_a_wrong_code_does_not_confirm(self, root: App) -> None:
        root.secret = (await root.call("POST", FACTOR, ENROLMENT)).json()["secret"]

        assert await root.send(root.wrong(), "confirm") == (403, "CODE_WRONG")
        assert (await root.call("GET", FACTOR)).json()["enrolled"] is False

    async def test_a_second_one_is_refused_until_the_first_is_disabled(self, app: App) -> None:
        assert await app.send("000000", "confirm") == (404, "SECOND_FACTOR_MISSING")
        await app.enrol()

        again = await app.call("POST", FACTOR)
        assert (again.status_code, again.json()["code"]) == (409, "SECOND_FACTOR_ENROLLED")
        assert await app.send(app.code(1), "confirm") == (409, "SECOND_FACTOR_ENROLLED")
        assert (await app.send(app.code(1), "disable"))[0] == 204
        assert (await app.call("POST", FACTOR)).status_code == 201

    async def test_two_confirmations_at_once_give_one_set_of_recovery_codes(
        self, app: App, database: MemoryDatabase
    ) -> None:
        app.secret = (await app.call("POST", FACTOR)).json()["secret"]
        answers = await asyncio.gather(
            *(app.call("POST", f"{FACTOR}/confirm", {"code": app.code()}) for _ in range(2))
        )

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        [codes] = [answer.json()["recovery_codes"] for answer in answers if answer.is_success]
        app.recovery = codes
        assert (await app.send(codes[0]))[0] == 200


class TestCodes:
    @pytest.mark.parametrize("steps", [-1, 0, 1])
    async def test_a_clock_can_be_off_by_half_a_minute(self, app: App, steps: int) -> None:
        await app.enrol()
        app.clock.wait(90)

        assert (await app.send(app.code(steps)))[0] == 200

    @pytest.mark.parametrize("steps", [-2, 2])
    async def test_a_clock_cannot_be_off_by_more(self, app: App, steps: int) -> None:
        await app.enrol()
        app.clock.wait(90)

        assert await app.send(app.code(steps)) == (403, "CODE_WRONG")

    async def test_a_code_works_once_and_older_codes_are_refused_after_it(self, app: App) -> None:
        await app.enrol()
        assert await app.send(app.code()) == (409, "CODE_ALREADY_USED")
        app.clock.wait(90)
        assert (await app.send(app.code()))[0] == 200

        assert await app.send(app.code()) == (409, "CODE_ALREADY_USED")
        assert await app.send(app.code(-1)) == (409, "CODE_ALREADY_USED")
        assert (await app.send(app.code(1)))[0] == 200

    async def test_of_two_verifications_with_one_code_at_once_one_wins(self, root: App) -> None:
        await root.enrol()
        root.clock.wait(90)
        thief = App(root.call.be("root@60"), root.clock)
        answers = await asyncio.gather(*(app.send(root.code()) for app in (root, thief)))

        assert sorted(answers) == [(200, ""), (409, "CODE_ALREADY_USED")]

    async def test_the_session_that_verified_a_code_has_recent_mfa_for_ten_minutes_and_no_other_has(
        self, root: App, database: MemoryDatabase
    ) -> None:
        await root.enrol()
        other = App(root.call.be("root@60"), root.clock)
        assert not await other.has_recent_mfa()
        root.clock.wait(599)
        assert await root.has_recent_mfa()
        root.clock.wait(1)
        assert not await root.has_recent_mfa()
        assert (await root.send(root.code()))[0] == 200
        assert await root.has_recent_mfa()
        assert database.data(f"users/root/sessions/{session_id('root')}")["recent_mfa_until"]

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "12345",
            "1234567",
            "12345a",
            "١٢٣٤٥",
            "123 4567",
            "123+456",
            "aaaa-aaaa-aaaa",
            "a" * 17,
            "0000-0000-0000-0000",
        ],
    )
    async def test_a_malformed_code_is_422_and_does_not_count(self, app: App, code: str) -> None:
        await app.enrol()
        for _ in range(MAX_FAILURES):
            assert (await app.send(code))[0] == 422
        app.clock.wait(30)

        assert (await app.send(app.code()))[0] == 200

    async def test_without_a_second_factor_no_code_can_be_verified(self, app: App) -> None:
        for what in ("verify", "recovery-codes", "disable"):
            assert await app.send("123456", what) == (404, "SECOND_FACTOR_MISSING")
