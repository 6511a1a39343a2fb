"""The sign-in service's answers, whatever they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from shared.adapters.google_tokens import LocalTokens
from shared.adapters.identity_toolkit import IdentityToolkit
from shared.kernel.errors import Unavailable

AT = datetime(2026, 11, 20, 12, 0, 0, 900_000, tzinfo=UTC)


def _toolkit(answer: httpx.Response | Exception, seen: list[httpx.Request]) -> IdentityToolkit:
    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    return IdentityToolkit("https://toolkit.test", "demo-waybill", LocalTokens(), client)


async def test_it_is_told_who_signs_out_from_which_second_on_and_who_is_shut_out() -> None:
    seen: list[httpx.Request] = []
    toolkit = _toolkit(httpx.Response(200, json={}), seen)
    await toolkit.sign_out("asha", AT)
    await toolkit.set_disabled("asha", True)

    assert [json.loads(request.content) for request in seen] == [
        {"localId": "asha", "validSince": str(int(AT.timestamp()))},
        {"localId": "asha", "disableUser": True},
    ]
    assert {str(request.url) for request in seen} == {
        "https://toolkit.test/v1/projects/demo-waybill/accounts:update"
    }
    assert seen[0].headers["Authorization"] == "Bearer owner"


async def test_somebody_who_is_gone_needs_no_signing_out() -> None:
    gone = httpx.Response(400, json={"error": {"code": 400, "message": "USER_NOT_FOUND"}})

    await _toolkit(gone, []).sign_out("asha", AT)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(503),
        httpx.Response(403, json={"error": {"message": "INSUFFICIENT_PERMISSION"}}),
        httpx.Response(400, json=[]),
        httpx.Response(429, text="<html>"),
    ],
)
async def test_whatever_else_it_says_is_to_be_tried_again(answer: httpx.Response | Exception) -> None:
    with pytest.raises(Unavailable):
        await _toolkit(answer, []).sign_out("asha", AT)
