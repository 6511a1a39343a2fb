"""Sessions as their owner lists and ends them."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from shared.identity.sessions import MAX_REVOKED
from shared.kernel.device import device_id
from tests.fakes.accounts import SIGNED_IN, Caller, session_id
from tests.fakes.clock import FakeClock
from tests.fakes.database import MemoryDatabase
from tests.fakes.identities import FakeIdentities

pytestmark = pytest.mark.mission("A4")

SESSIONS = "/api/v1/me/sessions"
PHONE = {"label": "Asha's phone", "platform": "android"}
PLACE = {"label": "Home", "address": "12th Main", "location": {"lat": 12.97, "lng": 77.64}}


async def _labels(call: Caller) -> list[str]:
    answer = await call("GET", SESSIONS)
    assert answer.status_code == 200, answer.text
    return [session["label"] for session in answer.json()["sessions"]]


class TestRecorded:
    async def test_the_first_read_of_the_profile_records_a_session(
        self, call: Caller, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        await call("GET", "/api/v1/me")

        [session] = (await call("GET", SESSIONS)).json()["sessions"]
        assert session == {
            "id": session_id("asha"),
            "label": "",
            "platform": None,
            "provider": "google.com",
            "created_at": SIGNED_IN.isoformat().replace("+00:00", "Z"),
            "seen_at": clock.now.isoformat().replace("+00:00", "Z"),
            "recent_mfa_until": None,
            "current": True,
        }
        assert database.data("users/asha")["email"] == "asha@example.com"

    async def test_an_edit_of_the_profile_records_one_too(self, call: Caller, clock: FakeClock) -> None:
        await call("PUT", "/api/v1/me", {"name": "Asha"})

        assert await _labels(call) == [""]

    async def test_an_app_names_its_device_and_may_rename_it(self, call: Caller, clock: FakeClock) -> None:
        made = await call("POST", SESSIONS, PHONE)
        assert (made.status_code, made.json()["label"], made.json()["platform"]) == (
            201,
            "Asha's phone",
            "android",
        )
        await call("POST", SESSIONS, {"label": "Old phone", "platform": "web"})
        await call("GET", "/api/v1/me")

        assert await _labels(call) == ["Old phone"]

    async def test_ten_requests_at_once_make_one_session(self, call: Caller, clock: FakeClock) -> None:
        answers = await asyncio.gather(*(call("GET", "/api/v1/me") for _ in range(10)))

        assert {answer.status_code for answer in answers} == {200}
        assert await _labels(call) == [""]

    async def test_a_read_within_ten_minutes_writes_nothing_and_a_later_one_updates_the_session(
        self, call: Caller, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        await call("GET", "/api/v1/me")
        commits = len(database.commits)
        clock.wait(599)
        await call("GET", "/api/v1/me")
        assert len(database.commits) == commits
        clock.wait(1)
        await call("GET", "/api/v1/me")

        path = f"users/asha/sessions/{session_id('asha')}"
        assert database.data(path)["seen_at"] == clock.now

    @pytest.mark.parametrize(
        "change",
        [
            {"label": ""},
            {"label": "x" * 201},
            {"label": None},
            {"label": "a\nb"},
            {"platform": "fridge"},
            {"platform": None},
            {"id": "ses_mine"},
            {"recent_mfa_until": "2999-01-01T00:00:00Z"},
        ],
    )
    async def test_an_invalid_name_of_a_device_is_refused(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        assert (await call("POST", SESSIONS, {**PHONE, **change})).status_code == 422
        assert database.docs == {}


def test_a_session_id_is_derived_as_the_firestore_rules_derive_it() -> None:
    seconds = str(int(SIGNED_IN.timestamp()))
    named = f"4:asha{len(seconds)}:{seconds}"
    assert session_id("asha") == "ses_" + hashlib.sha256(named.encode()).hexdigest()[:32]


class TestEnded:
    async def test_a_session_that_was_ended_elsewhere_is_refused_and_no_longer_listed(
        self, call: Caller, clock: FakeClock
    ) -> None:
        phone, laptop = call, call.be("asha@60")
        await phone("POST", SESSIONS, PHONE)
        await laptop("POST", SESSIONS, {"label": "Laptop", "platform": "web"})
        assert await _labels(laptop) == ["Laptop", "Asha's phone"]

        ended = await laptop("DELETE", f"{SESSIONS}/{session_id('asha')}")

        assert ended.status_code == 204
        assert await _labels(laptop) == ["Laptop"]
        for method, path in (("GET", SESSIONS), ("GET", "/api/v1/me"), ("POST", SESSIONS)):
            refused = await phone(method, path, PHONE if method == "POST" else None)
            assert (refused.status_code, refused.json()["code"]) == (401, "SESSION_REVOKED")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/api/v1/me/devices", {"token": "thief", "platform": "android"}),
            ("DELETE", "/api/v1/me/devices/dev_1", None),
            ("GET", "/api/v1/me/notifications", None),
            ("GET", "/api/v1/me/addresses", None),
            ("POST", "/api/v1/me/addresses", PLACE),
            ("PUT", "/api/v1/me/addresses/adr_1", PLACE),
            ("DELETE", "/api/v1/me/addresses/adr_1", None),
        ],
    )
    async def test_an_ended_session_reads_no_addresses_and_registers_no_device(
        self, call: Caller, clock: FakeClock, method: str, path: str, body: Any
    ) -> None:
        await call("GET", "/api/v1/me")
        assert (await call.be("asha@60")("DELETE", f"{SESSIONS}/{session_id('asha')}")).status_code == 204

        refused = await call(method, path, body, key="k" if path.endswith("addresses") else "")
        assert (refused.status_code, refused.json()["code"]) == (401, "SESSION_REVOKED")

    async def test_a_phone_that_registers_while_it_is_signed_out_gets_no_pushes(
        self, call: Caller, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        phone = {"token": "phone", "platform": "android"}
        await asyncio.gather(call("POST", "/api/v1/me/devices", phone), call("DELETE", SESSIONS))

        assert database.data("users/asha")["push_tokens"] == []
        assert database.collection("device_tokens") == {}

    async def test_its_phone_gets_no_more_pushes_and_every_other_does(
        self, call: Caller, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        phone, laptop = call, call.be("asha@60")
        for caller, token in ((phone, "phone"), (phone, "tablet"), (laptop, "laptop"), (laptop, "tablet")):
            await caller("POST", "/api/v1/me/devices", {"token": token, "platform": "web"})
            await caller("GET", "/api/v1/me")
        await laptop("DELETE", f"{SESSIONS}/{session_id('asha')}")

        account = database.data("users/asha")
        assert account["push_tokens"] == ["laptop", "tablet"]
        left = {device_id(token) for token in ("laptop", "tablet")}
        assert set(account["device_sessions"]) == left
        assert set(database.collection("users/asha/devices")) == left
        assert set(database.collection("device_tokens")) == left

    async def test_ending_a_session_twice_is_no_error_and_an_unknown_or_foreign_one_is_404(
        self, call: Caller, clock: FakeClock
    ) -> None:
        await call("GET", "/api/v1/me")
        await call.be("asha@60")("GET", "/api/v1/me")
        path = f"{SESSIONS}/{session_id('asha', 60)}"

        assert (await call.be("mallory")("DELETE", path)).status_code == 404
        assert (await call("DELETE", f"{SESSIONS}/ses_x")).status_code == 404
        assert [(await call("DELETE", path)).status_code for _ in range(2)] == [204, 204]

    async def test_a_session_that_ended_itself_cannot_end_others(
        self, call: Caller, clock: FakeClock
    ) -> None:
        await call("GET", "/api/v1/me")
        await call.be("asha@60")("GET", "/api/v1/me")
        await call("DELETE", f"{SESSIONS}/{session_id('asha')}")

        refused = await call("DELETE", f"{SESSIONS}/{session_id('asha', 60)}")
        assert (refused.status_code, refused.json()["code"]) == (401, "SESSION_REVOKED")

    async def test_after_two_hundred_single_ends_only_signing_out_everywhere_is_left(
        self, call: Caller, database: MemoryDatabase, clock: FakeClock
    ) -> None:
        await call("GET", "/api/v1/me")
        await call.be("asha@60")("GET", "/api/v1/me")
        before = database.data("auth/asha")
        database.seed("auth/asha", before | {"revoked_sessions": [f"ses_{n}" for n in range(MAX_REVOKED)]})

        answer = await call("DELETE", f"{SESSIONS}/{session_id('asha', 60)}")

        assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_SESSIONS_REVOKED")
        assert (await call("DELETE", SESSIONS)).status_code == 204
        assert database.data("auth/asha")["revoked_sessions"] == []

    async def test_an_ended_session_stays_ended_when_a_clock_that_is_behind_signs_out_everywhere(
        self, call: Caller, clock: FakeClock
    ) -> None:
        ahead = int((clock.now - SIGNED_IN).total_seconds()) + 30
        await call("GET", "/api/v1/me")
        lost = call.be(f"asha@{ahead}")
        await lost("GET", "/api/v1/me")
        assert (await call("DELETE", f"{SESSIONS}/{session_id('asha', ahead)}")).status_code == 204

        assert (await call("DELETE", SESSIONS)).status_code == 204
        assert (await lost("GET", SESSIONS)).json()["code"] == "SESSION_REVOKED"

    async def test_signing_out_everywhere_ends_this_session_too_and_no_later_one(
        self, call: Caller, database: MemoryDatabase, clock: FakeClock, identities: FakeIdentities
    ) -> None:
        later = int((clock.now - SIGNED_IN).total_seconds())
        await call("POST", "/api/v1/me/devices", {"token": "phone", "platform": "android"})
        for caller in (call, call.be("asha@60")):
            await caller("GET", "/api/v1/me")
        assert (await call("DELETE", SESSIONS)).status_code == 204

        assert database.data("users/asha")["push_tokens"] == []
        for uid in ("asha", "asha@60", f"asha@{later}"):
            refused = await call.be(uid)("GET", SESSIONS)
            assert (refused.status_code, refused.json()["code"]) == (401, "SESSION_REVOKED"), uid
        again = call.be(f"asha@{later + 1}")
        await again("POST", SESSIONS, PHONE)
        assert await _labels(again) == ["Asha's phone"]
        assert identities.signed_out == {"asha": clock.now}

    @pytest.mark.parametrize("from_the_other_phone", [False, True])
    async def test_signing_out_ends_a_sign_in_whose_token_is_ahead_of_our_clock(
        self, call: Caller, clock: FakeClock, identities: FakeIdentities, from_the_other_phone: bool
    ) -> None:
        seconds = int((clock.now - SIGNED_IN).total_seconds()) + 30
        ahead = call.be(f"asha@{seconds}")
        await ahead("GET", "/api/v1/me")
        here = call if from_the_other_phone else ahead
        assert (await here("DELETE", SESSIONS)).status_code == 204

        assert (await ahead("GET", SESSIONS)).status_code == 401
        assert identities.signed_out == {"asha": SIGNED_IN + timedelta(seconds=seconds)}

    async def test_signing_out_holds_while_the_sign_in_service_is_down_and_can_be_repeated_from_a_new_session(
        self, call: Caller, clock: FakeClock, identities: FakeIdentities
    ) -> None:
        identities.down = 1
        assert (await call("DELETE", SESSIONS)).status_code == 503
        assert (await call("GET", SESSIONS)).status_code == 401

        clock.wait(5)
        later = int((clock.now - SIGNED_IN).total_seconds())
        assert (await call.be(f"asha@{later}")("DELETE", SESSIONS)).status_code == 204
        assert identities.signed_out == {"asha": clock.now}
