"""`accounts_api` as its callers see it: the real app over a database in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase

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
        ("POST", "/api/v1/reviews"),
    ],
)
@pytest.mark.parametrize("uid", ["", "forged"])
async def test_without_a_valid_token_every_route_is_closed(
    call: Caller, method: str, path: str, uid: str
) -> None:
    answer = await call.be(uid)(method, path, key="k")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


class TestMe:
    async def test_i_am_told_who_i_am_and_what_is_verified(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        database.seed("users/half-asha", {"roles": ["support", "admin", "unknown"]})

        assert (await call.be("half-asha")("GET", "/api/v1/me")).json() == {
            "uid": "half-asha",
            "name": "Half-Asha",
            "email": "half-asha@example.com",
            "email_verified": True,
            "phone": "",
            "phone_verified": False,
            "roles": ["admin", "support"],
            "language": "en",
        }

    async def test_i_can_change_name_and_language(self, call: Caller) -> None:
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
            {"name": "a\u202eb"},
            {"name": "a", "language": "xx"},
            {"name": "a", "language": 1},
            {"name": "a", "roles": ["admin"]},
            {"name": "a", "email": "other@example.com"},
            {"name": "a", "push_tokens": ["x"]},
            ["name"],
            "name",
        ],
    )
    async def test_a_profile_that_cannot_stand_is_refused_and_changes_nothing(
        self, call: Caller, database: MemoryDatabase, body: Any
    ) -> None:
        answer = await call("PUT", "/api/v1/me", body)

        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert database.docs == {}

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
    async def test_a_device_that_cannot_be_reached_is_refused(
        self, call: Caller, database: MemoryDatabase, change: dict[str, Any]
    ) -> None:
        assert (await call("POST", "/api/v1/me/devices", {**DEVICE, **change})).status_code == 422
        assert database.docs == {}


class TestNotifications:
    @pytest.fixture
    def told(self, database: MemoryDatabase) -> list[str]:
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
        self, call: Caller, told: list[str]
    ) -> None:
        seen: list[str] = []
        token = ""
        for size in (3, 3, 3):
            url = f"/api/v1/me/notifications?page_size={size}&page_token={token}"
            page = (await call("GET", url)).json()
            seen += [entry["id"] for entry in page["notifications"]]
            token = page["next_page_token"]

        assert seen == told
        assert token == ""

    async def test_nobody_sees_another_person_s_notifications(self, call: Caller, told: list[str]) -> None:
        page = (await call.be("mallory")("GET", "/api/v1/me/notifications")).json()

        assert page == {"notifications": [], "next_page_token": ""}

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
    async def test_a_page_that_nobody_gave_is_refused(self, call: Caller, query: str) -> None:
        assert (await call("GET", f"/api/v1/me/notifications?{query}")).status_code == 422
