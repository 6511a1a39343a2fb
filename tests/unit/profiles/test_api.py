"""`profiles_api` as its callers see it: the real app over a database in memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase

pytestmark = pytest.mark.mission("A3")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEVICE = {"token": "t:abc", "platform": "android"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/me"),
        ("PUT", "/api/v1/me"),
        ("POST", "/api/v1/me/devices"),
        ("DELETE", "/api/v1/me/devices/x"),
        ("GET", "/api/v1/me/notifications"),
        ("GET", "/api/v1/me/sessions"),
        ("POST", "/api/v1/me/sessions"),
        ("DELETE", "/api/v1/me/sessions"),
        ("DELETE", "/api/v1/me/sessions/x"),
        ("GET", "/api/v1/me/second-factor"),
        ("POST", "/api/v1/me/second-factor"),
        ("POST", "/api/v1/me/second-factor/confirm"),
        ("POST", "/api/v1/me/second-factor/verify"),
        ("POST", "/api/v1/me/second-factor/recovery-codes"),
        ("POST", "/api/v1/me/second-factor/disable"),
        ("GET", "/api/v1/me/addresses"),
        ("POST", "/api/v1/me/addresses"),
        ("PUT", "/api/v1/me/addresses/x"),
        ("DELETE", "/api/v1/me/addresses/x"),
        ("POST", "/api/v1/admin/users/x/roles"),
        ("POST", "/api/v1/admin/users/x/revoke"),
        ("POST", "/api/v1/admin/users/x/disable"),
        ("POST", "/api/v1/admin/users/x/enable"),
    ],
)
@pytest.mark.parametrize("uid", ["", "forged"])
async def test_without_a_valid_token_every_route_refuses(
    call: Caller, method: str, path: str, uid: str
) -> None:
    answer = await call.be(uid)(method, path, key="k")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


class TestMe:
    async def test_me_is_the_profile_with_roles_and_what_is_verified(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        database.seed("auth/half-asha", {"roles": ["support", "admin", "unknown"]})

        me = (await call.be("half-asha")("GET", "/api/v1/me")).json()
        notifications = me.pop("notifications")
        assert {topic: set(channels) for topic, channels in notifications.items()} == {
            topic: {"push", "email", "sms"} for topic in ("orders", "offers", "account", "promotions")
        }
        assert me == {
            "uid": "half-asha",
            "name": "Half-Asha",
            "email": "half-asha@example.com",
            "email_verified": True,
            "phone": "",
            "phone_verified": False,
            "roles": ["admin", "support"],
            "language": "en",
            "dietary": [],
            "cuisines": [],
            "second_factor": False,
            "sign_in_provider": "google.com",
            "providers": ["email", "google.com"],
        }

    async def test_an_unverified_address_is_in_the_answer_and_not_in_the_stored_profile(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        me = call.be("claimed-ceo")
        for method, path, body in (
            ("GET", "/api/v1/me", None),
            ("PUT", "/api/v1/me", {"language": "hi"}),
            ("POST", "/api/v1/me/devices", {"token": "phone", "platform": "web"}),
        ):
            assert (await me(method, path, body)).is_success
        seen = (await me("GET", "/api/v1/me")).json()
        assert (seen["email"], seen["email_verified"]) == ("claimed-ceo@example.com", False)
        assert database.data("users/claimed-ceo")["email"] == ""

        await call.be("claimed-ceo@60")("GET", "/api/v1/me")
        assert database.data("users/claimed-ceo")["email"] == "claimed-ceo@example.com"

    async def test_name_and_language_can_be_changed(self, call: Caller) -> None:
        answer = await call("PUT", "/api/v1/me", {"name": " आशा ", "language": "hi"})

        assert answer.status_code == 200
        me = (await call("GET", "/api/v1/me")).json()
        assert (me["name"], me["language"]) == ("आशा", "hi")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": "   "},
            {"name": "x" * 201},
            {"name": 7},
            {"name": None},
            {"name": "a\u0000b"},
            {"name": "a\nb"},
            {"name": "a", "language": "xx"},
            {"name": "a", "language": 1},
            {"name": "a", "roles": ["admin"]},
            {"name": "a", "email": "other@example.com"},
            {"name": "a", "push_tokens": ["x"]},
            {"name": "a", "version": 7},
            {"name": "a", "second_factor": True},
            {"disabled": False},
            {"language": None},
            {"dietary": None},
            {"dietary": "vegan"},
            {"dietary": ["meat"]},
            {"dietary": ["vegan"] * 10},
            {"dietary": [["vegan"]]},
            {"cuisines": [""]},
            {"cuisines": ["x"] * 21},
            {"cuisines": ["x" * 201]},
            {"cuisines": [7]},
            {"notifications": None},
            {"notifications": {"weather": {"push": True}}},
            {"notifications": {"orders": {"pigeon": True}}},
            {"notifications": {"orders": {"push": "no"}}},
            {"notifications": {"orders": {"push": 0}}},
            {"notifications": {"orders": True}},
            ["name"],
            "name",
        ],
    )
    async def test_an_invalid_profile_is_refused_and_changes_nothing(
        self, call: Caller, database: MemoryDatabase, body: Any
    ) -> None:
        answer = await call("PUT", "/api/v1/me", body)

        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert database.docs == {}

    async def test_a_field_that_is_not_sent_stays_as_it_is(self, call: Caller) -> None:
        await call(
            "PUT", "/api/v1/me", {"name": "Asha Rao", "dietary": ["jain", "jain"], "cuisines": ["udupi"]}
        )
        silent = {"promotions": {"push": False, "sms": False}, "orders": {"sms": False}}
        await call("PUT", "/api/v1/me", {"notifications": silent})
        answer = await call("PUT", "/api/v1/me", {"notifications": {"promotions": {"push": True}}})

        me = answer.json()
        assert (me["name"], me["dietary"], me["cuisines"]) == ("Asha Rao", ["jain"], ["udupi"])
        assert me["notifications"]["promotions"] == {"push": True, "email": True, "sms": False}
        assert me["notifications"]["orders"] == {"push": True, "email": True, "sms": False}
        assert (await call("PUT", "/api/v1/me", {"dietary": []})).json()["dietary"] == []

    async def test_an_edit_of_a_profile_that_has_changed_meanwhile_is_412(self, call: Caller) -> None:
        seen = (await call("GET", "/api/v1/me")).headers["ETag"]
        first = await call("PUT", "/api/v1/me", {"name": "Phone"}, If_Match=seen)
        second = await call("PUT", "/api/v1/me", {"name": "Laptop"}, If_Match=seen)

        assert (first.status_code, second.status_code) == (200, 412)
        assert second.json()["code"] == "PROFILE_CHANGED"
        again = await call("GET", "/api/v1/me")
        assert (again.json()["name"], again.headers["ETag"]) == ("Phone", first.headers["ETag"])

    @pytest.mark.parametrize("tag", ['"x"', 'W/"0"', "0", "", '"-1"', '"99999999999"'])
    async def test_a_tag_that_the_api_never_returned_matches_nothing(self, call: Caller, tag: str) -> None:
        answer = await call("PUT", "/api/v1/me", {"name": "a"}, If_Match=tag)

        assert answer.status_code == 412

    async def test_of_two_edits_of_one_version_at_once_one_wins(self, call: Caller) -> None:
        seen = (await call("GET", "/api/v1/me")).headers["ETag"]
        answers = await asyncio.gather(
            *(call("PUT", "/api/v1/me", {"name": name}, If_Match=seen) for name in ("Phone", "Laptop"))
        )

        assert sorted(answer.status_code for answer in answers) == [200, 412]

    @pytest.mark.parametrize("raw", ["{", '{"name": "a", "name": "b"}', "name: a"])
    async def test_malformed_json_is_400(self, call: Caller, raw: str) -> None:
        assert (await call("PUT", "/api/v1/me", raw=raw)).status_code == 400


class TestDevices:
    async def test_a_device_is_registered_named_without_its_token_and_removed(self, call: Caller) -> None:
        answer = await call("POST", "/api/v1/me/devices", DEVICE)

        assert answer.status_code == 201
        assert set(answer.json()) == {"id", "platform", "seen_at"}
        path = f"/api/v1/me/devices/{answer.json()['id']}"
        assert (await call("DELETE", path)).status_code == 204
        assert (await call("DELETE", path)).status_code == 404

    async def test_someone_else_s_device_is_404(self, call: Caller) -> None:
        answer = await call("POST", "/api/v1/me/devices", DEVICE)
        path = f"/api/v1/me/devices/{answer.json()['id']}"

        assert (await call.be("mallory")("DELETE", path)).status_code == 404

    @pytest.mark.parametrize(
        "change",
        [
            {"token": ""},
            {"token": "x" * 1025},
            {"token": "a b"},
            {"token": "a\n"},
            {"token": "é"},
            {"token": 1},
            {"platform": "windows"},
            {"platform": None},
            {"uid": "mallory"},
        ],
    )
    async def test_an_invalid_device_is_refused(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        assert (await call("POST", "/api/v1/me/devices", {**DEVICE, **change})).status_code == 422
        assert database.docs == {}


class TestNotifications:
    @pytest.fixture
    def inbox(self, database: MemoryDatabase) -> list[str]:
        """Seven notifications, pairs of them at the same moment; newest first."""
        for n in range(7):
            entry = {
                "id": f"ntf_{n}",
                "event_id": f"evt_{n}",
                "template": "order_placed.customer",
                "title": "We have your order",
                "body": "Pay now.",
                "order_id": "ord_1",
                "at": NOON + timedelta(minutes=n // 2),
                "read": False,
            }
            database.seed(f"users/asha/inbox/ntf_{n}", entry)
        return [f"ntf_{n}" for n in reversed(range(7))]

    async def test_pages_give_every_notification_once_newest_first(
        self, call: Caller, inbox: list[str]
    ) -> None:
        seen: list[str] = []
        token = ""
        for size in (3, 3, 3):
            url = f"/api/v1/me/notifications?page_size={size}&page_token={token}"
            page = (await call("GET", url)).json()
            seen += [entry["id"] for entry in page["notifications"]]
            token = page["next_page_token"]

        assert seen == inbox
        assert token == ""

    async def test_another_user_s_notifications_are_not_listed(self, call: Caller, inbox: list[str]) -> None:
        page = (await call.be("mallory")("GET", "/api/v1/me/notifications")).json()

        assert page == {"notifications": [], "next_page_token": "", "unread": 0}

    @pytest.mark.parametrize(
        "query",
        [
            "page_token=x",
            "page_token=WzFd",
            "page_token=%00",
            "page_token=WyJhIiwgImIiXQ",
            "page_token=e30",
            "page_size=0",
            "page_size=-1",
            "page_size=101",
            "page_size=1.5",
            "page_size=NaN",
        ],
    )
    async def test_an_invalid_page_token_or_size_is_refused(self, call: Caller, query: str) -> None:
        assert (await call("GET", f"/api/v1/me/notifications?{query}")).status_code == 422
