"""What gives money back is closed to a sign-in that was ended, though its token is still good."""

from __future__ import annotations

import pytest

from functions.orders_api.main import app
from shared.accounts.sessions import Standing
from tests.fakes.accounts import Caller, FakeRoles, session_id

pytestmark = pytest.mark.mission("A4")

ORDER = "/api/v1/orders/ord_1"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/cancel", {"reason": "never mind"}),
        ("/substitutions/sub_1/accept", None),
        ("/substitutions/sub_1/decline", None),
    ],
)
async def test_a_session_that_was_ended_neither_cancels_nor_answers(
    call: Caller, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str] | None
) -> None:
    ended = Standing(revoked_sessions=(session_id("asha"),))
    monkeypatch.setitem(app.state._state, "roles", lambda: FakeRoles(standings={"asha": ended}))

    refused = await call.be("asha")("POST", f"{ORDER}{path}", body)
    assert (refused.status_code, refused.json()["code"]) == (401, "SESSION_REVOKED")
    current = await call.be("asha@1")("POST", f"{ORDER}{path}", body)
    assert current.status_code != 401
