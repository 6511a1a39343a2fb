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
from tests.unit.identity.authenticator import FACTOR, App

pytestmark = pytest.mark.mission("A5")


@pytest.fixture
def app(call: Caller, clock: FakeClock) -> App:
    return App(call, clock)


@pytest.fixture
def root(call: Caller, clock: FakeClock, database: MemoryDatabase) -> App:
    database.seed("auth/root", {"roles": ["admin"]})
    return App(call.be("root"), clock)


class TestEnrolling:
    async def test_an_admin_enrols_and_is_let_in_by_the_code_that_confirms(self, root: App) -> None:
        assert not await root.opens()
        await root.enrol()

        assert await root.opens()
        view = (await root.call("GET", FACTOR)).json()
        assert view == {"enrolled": True, "pending": False, "recovery_codes_left": 10, "locked_until": None}
        assert (await root.call("GET", "/api/v1/me")).json()["second_factor"] is True

    async def test_the_uri_is_what_authenticator_apps_read(self, app: App) -> None:
        answer = (await app.call("POST", FACTOR)).json()

        uri = urlsplit(answer["otpauth_uri"])
        assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Waybill:asha%40example.com")
        assert parse_qs(uri.query) == {"secret": [answer["secret"]], "issuer": ["Waybill"]}
        assert len(answer["secret"]) == 32

    async def test_the_secret_is_kept_sealed_and_shown_once(
        self, app: App, database: MemoryDatabase, cipher: AesGcmCipher
    ) -> None:
        await app.enrol()

        stored = database.data("second_factors/asha")
        assert app.secret not in repr(database.docs)
        assert not any(code in repr(database.docs) for code in app.recovery)
        assert cipher.decrypt(stored["secret"], "asha") == app.secret
        assert app.secret not in (await app.call("GET", FACTOR)).text

    async def test_until_it_is_confirmed_it_opens_nothing_and_can_be_begun_anew(self, root: App) -> None:
        root.secret = (await root.call("POST", FACTOR)).json()["secret"]
        assert (await root.call("GET", FACTOR)).json()["pending"] is True
        assert await root.show(root.code()) == (409, "SECOND_FACTOR_UNCONFIRMED")
        assert not await root.opens()
        old = root.code()
        await root.enrol()

        assert await root.show(old) != (200, "")

    async def test_a_wrong_code_does_not_confirm(self, root: App) -> None:
        root.secret = (await root.call("POST", FACTOR)).json()["secret"]

        assert await root.show(root.wrong(), "confirm") == (403, "CODE_WRONG")
        assert (await root.call("GET", FACTOR)).json()["enrolled"] is False

    async def test_a_second_one_is_refused_until_the_first_is_disabled(self, app: App) -> None:
        assert await app.show("000000", "confirm") == (404, "SECOND_FACTOR_MISSING")
        await app.enrol()

        again = await app.call("POST", FACTOR)
        assert (again.status_code, again.json()["code"]) == (409, "SECOND_FACTOR_ENROLLED")
        assert await app.show(app.code(1), "confirm") == (409, "SECOND_FACTOR_ENROLLED")
        assert (await app.show(app.code(1), "disable"))[0] == 204
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
        assert (await app.show(codes[0]))[0] == 200


class TestCodes:
    @pytest.mark.parametrize("steps", [-1, 0, 1])
    async def test_a_clock_may_be_off_by_half_a_minute(self, app: App, steps: int) -> None:
        await app.enrol()
        app.clock.wait(90)

        assert (await app.show(app.code(steps)))[0] == 200

    @pytest.mark.parametrize("steps", [-2, 2])
    async def test_a_clock_may_not_be_off_by_more(self, app: App, steps: int) -> None:
        await app.enrol()
        app.clock.wait(90)

        assert await app.show(app.code(steps)) == (403, "CODE_WRONG")

    async def test_a_code_works_once_and_no_older_one_after_it(self, app: App) -> None:
        await app.enrol()
        assert await app.show(app.code()) == (409, "CODE_ALREADY_USED")
        app.clock.wait(90)
        assert (await app.show(app.code()))[0] == 200

        assert await app.show(app.code()) == (409, "CODE_ALREADY_USED")
        assert await app.show(app.code(-1)) == (409, "CODE_ALREADY_USED")
        assert (await app.show(app.code(1)))[0] == 200

    async def test_of_two_step_ups_with_one_code_at_once_one_wins(self, root: App) -> None:
        await root.enrol()
        root.clock.wait(90)
        thief = App(root.call.be("root@60"), root.clock)
        answers = await asyncio.gather(*(app.show(root.code()) for app in (root, thief)))

        assert sorted(answers) == [(200, ""), (409, "CODE_ALREADY_USED")]

    async def test_the_session_that_showed_a_code_is_open_for_ten_minutes_and_no_other_is(
        self, root: App, database: MemoryDatabase
    ) -> None:
        await root.enrol()
        other = App(root.call.be("root@60"), root.clock)
        assert not await other.opens()
        root.clock.wait(599)
        assert await root.opens()
        root.clock.wait(1)
        assert not await root.opens()
        assert (await root.show(root.code()))[0] == 200
        assert await root.opens()
        assert database.data(f"users/root/sessions/{session_id('root')}")["recent_mfa_until"]

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "12345",
            "1234567",
            "12345a",
            "١٢٣٤٥٦",
            "123 456",
            "aaaa-aaaa-aaaa",
            "a" * 17,
            "0000-0000-0000-0000",
        ],
    )
    async def test_what_is_no_code_is_422_and_counts_for_nothing(self, app: App, code: str) -> None:
        await app.enrol()
        for _ in range(MAX_FAILURES):
            assert (await app.show(code))[0] == 422
        app.clock.wait(30)

        assert (await app.show(app.code()))[0] == 200

    async def test_without_a_second_factor_there_is_nothing_to_show(self, app: App) -> None:
        for what in ("verify", "recovery-codes", "disable"):
            assert await app.show("123456", what) == (404, "SECOND_FACTOR_MISSING")
