"""A revoked session moves no money and no goods, though its token is still valid."""

from __future__ import annotations

import pytest

from functions.orders_api.main import app
from shared.kernel.access import AccountStatus
from tests.fakes.accounts import Caller, FakeRoles, session_id

pytestmark = pytest.mark.mission("A4")

ORDER = "/api/v1/orders/ord_1"
OF_THE_KITCHEN = ("confirm", "prepare", "ready", "taken-back")
ON_THE_ROAD = ("picked-up", "in-transit", "arrived", "delivered", "redeliver", "returning")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{ORDER}/cancel", {"reason": "never mind"}),
        (f"{ORDER}/substitutions/sub_1/accept", None),
        (f"{ORDER}/substitutions/sub_1/decline", None),
        *((f"{ORDER}/{step}", None) for step in OF_THE_KITCHEN),
        *((f"/api/v1/driver/orders/ord_1/{step}", None) for step in ON_THE_ROAD),
        ("/api/v1/driver/orders/ord_1/failed", {"reason": "refused"}),
        ("/api/v1/recurrences/rec_1/skip", None),
        ("/api/v1/recurrences/rec_1/end", None),
    ],
)
async def test_a_revoked_session_changes_nothing(
    call: Caller, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str] | None
) -> None:
    ended = AccountStatus(revoked_sessions=(session_id("asha"),))
    monkeypatch.setitem(app.state._state, "roles", lambda: FakeRoles(statuses={"asha": ended}))

    refused = await call.be("asha")("POST", path, body)
    assert (refused.status_code, refused.json()["code"]) == (401, "SESSION_REVOKED")
    current = await call.be("asha@1")("POST", path, body)
    assert current.status_code != 401
