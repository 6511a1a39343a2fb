"""The result of the FCM adapter for every answer, without a network."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth
import httpx
import pytest
from google.auth.exceptions import TransportError

from shared.adapters.fcm import FcmPush, PushRefused
from shared.adapters.google_tokens import GoogleTokens, LocalTokens, access_tokens
from shared.kernel.errors import Unavailable
from shared.notifications.domain import PushMessage
from shared.notifications.ports import Receipt

pytestmark = pytest.mark.mission("I1")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MESSAGE = PushMessage("ntf_1", "Title", "Body", {"order_id": "ord_1"}, NOW + timedelta(seconds=30))
BASE = "https://fcm.googleapis.com"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


def _push(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> FcmPush:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return FcmPush(BASE, "demo-waybill", LocalTokens(), client=client, clock=lambda: NOW)


def _error(status: int, code: str = "", message: str = "", **more: Any) -> httpx.Response:
    details = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    body = {"error": {"code": status, "message": message, "details": [*details, *more.pop("details", [])]}}
    return httpx.Response(status, json=body, **more)


async def test_a_message_goes_out_as_fcm_documents_it() -> None:
    seen: list[httpx.Request] = []

    assert await _push(httpx.Response(200, json={"name": "x"}), seen).send("t", MESSAGE) is Receipt.DELIVERED

    [request] = seen
    assert str(request.url) == f"{BASE}/v1/projects/demo-waybill/messages:send"
    assert request.headers["authorization"] == "Bearer owner"
    assert json.loads(request.content) == {
        "message": {
            "token": "t",
            "notification": {"title": "Title", "body": "Body"},
            "data": {"order_id": "ord_1"},
            "android": {
                "collapse_key": "ntf_1",
                "priority": "HIGH",
                "ttl": "30s",
                "notification": {"tag": "ntf_1"},
            },
            "apns": {
                "headers": {
                    "apns-collapse-id": "ntf_1",
                    "apns-priority": "10",
                    "apns-expiration": str(int((NOW + timedelta(seconds=30)).timestamp())),
                }
            },
            "webpush": {
                "headers": {"TTL": "30", "Urgency": "high"},
                "notification": {"tag": "ntf_1"},
            },
        }
    }


@pytest.mark.parametrize(
    "answer",
    [
        _error(404, "UNREGISTERED"),
        _error(403, "SENDER_ID_MISMATCH"),
        _error(400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
        _error(400, details=[{"fieldViolations": [{"field": "message.token", "description": "Invalid"}]}]),
    ],
)
async def test_a_token_that_can_never_work_again_is_dead(answer: httpx.Response) -> None:
    assert await _push(answer).send("t", MESSAGE) is Receipt.DEAD_TOKEN


@pytest.mark.parametrize(
    "answer",
    [
        _error(404, message="Method not found"),
        httpx.Response(404, text="<html>not here</html>"),
        _error(400, "INVALID_ARGUMENT", "Invalid value at 'message.data.n'"),
        _error(403, message="Permission denied on project"),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
        httpx.Response(400, json=["surprise"]),
        httpx.Response(400, json={"error": {"details": [7, {"fieldViolations": ["x"]}]}}),
    ],
)
async def test_a_refusal_that_is_not_about_the_token_kills_no_token(answer: httpx.Response) -> None:
    with pytest.raises(PushRefused) as refusal:
        await _push(answer).send("secret-token", MESSAGE)
    assert "secret-token" not in str(refusal.value)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (_error(429, "QUOTA_EXCEEDED", headers={"Retry-After": "7"}), 7),
        (_error(429, headers={"Retry-After": "Fri, 20 Nov 2026 12:00:20 GMT"}), 20),
        (_error(503, headers={"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}), 1),
        (_error(503, headers={"Retry-After": "99999999999999"}), 600),
        (_error(503, headers={"Retry-After": "soon"}), 10),
        (_error(500), 10),
        (httpx.Response(502, text="<html>Bad gateway</html>"), 10),
        (_error(401), 10),
        (httpx.ConnectTimeout("slow"), 10),
        (httpx.ReadTimeout("slow"), 10),
        (httpx.ConnectError("refused"), 10),
        (httpx.RemoteProtocolError("hung up"), 10),
    ],
)
async def test_a_temporary_failure_is_unavailable_for_as_long_as_fcm_says(
    answer: httpx.Response | Exception, seconds: int
) -> None:
    with pytest.raises(Unavailable) as refusal:
        await _push(answer).send("t", MESSAGE)
    assert refusal.value.retry_after == timedelta(seconds=seconds)


class TestAccess:
    @pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
    def test_an_fcm_on_this_machine_gets_a_token_that_opens_nothing(self, url: str) -> None:
        assert isinstance(access_tokens(url), LocalTokens)

    def test_google_s_gets_google_s_tokens(self) -> None:
        assert isinstance(access_tokens(BASE), GoogleTokens)

    @pytest.mark.parametrize(
        "url", ["http://fcm.googleapis.com", "http://127.0.0.1.evil.example", "ftp://127.0.0.1", "", "fcm"]
    )
    def test_no_token_goes_over_plain_http_to_another_machine(self, url: str) -> None:
        with pytest.raises(ValueError, match="https"):
            access_tokens(url)

    async def test_a_google_token_is_kept_until_it_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        credentials = _Credentials()
        monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, "project"))
        tokens = GoogleTokens()

        assert [await tokens.current() for _ in range(3)] == ["token-1"] * 3
        credentials.valid = False
        assert await tokens.current() == "token-2"

    async def test_without_an_access_token_the_push_is_tried_later(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        credentials = _Credentials(fails=True)
        monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, "project"))
        with pytest.raises(Unavailable):
            await GoogleTokens().current()


class _Credentials:
    """The part of the google-auth credentials that the adapter uses."""

    def __init__(self, fails: bool = False) -> None:
        self.valid = False
        self.token = ""
        self._fails = fails
        self._refreshed = 0

    def refresh(self, _: object) -> None:
        if self._fails:
            raise TransportError
        self._refreshed += 1
        self.token, self.valid = f"token-{self._refreshed}", True
