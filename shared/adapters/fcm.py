"""`Push` over the HTTP v1 API of Firebase Cloud Messaging.

Reference: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from shared.adapters.google_tokens import AccessTokens
from shared.kernel.clock import Clock, utc_now
from shared.kernel.errors import Unavailable
from shared.notifications.domain import PushMessage
from shared.notifications.ports import Receipt

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
DEFAULT_RETRY_AFTER = timedelta(seconds=10)
MAX_RETRY_AFTER = timedelta(minutes=10)
DEAD = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
"""The error codes of FCM after which a token never works again for this project."""

_BAD_TOKEN = re.compile(r"registration token", re.IGNORECASE)


class PushRefused(Exception):
    """FCM rejects the message itself: a fault of our code or of the set-up of the project."""


class FcmPush:
    """`Push` for one Firebase project."""

    def __init__(
        self,
        base_url: str,
        project: str,
        tokens: AccessTokens,
        *,
        client: httpx.AsyncClient | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/projects/{project}/messages:send"
        self._tokens = tokens
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        self._clock = clock

    async def ping(self) -> None:
        """Return when the push service answers, with any answer to an empty request.

        Raises `Unavailable`.
        """
        try:
            answer = await self._client.get(self._url)
        except httpx.TransportError as error:
            raise Unavailable("The push service does not answer.") from error
        if answer.is_server_error:
            raise Unavailable("The push service fails.")

    async def send(self, token: str, message: PushMessage) -> Receipt:
        """See `Push.send`. Raises `PushRefused` when the message itself, not the device, is at fault."""
        access = await self._tokens.current()
        try:
            answer = await self._client.post(
                self._url,
                json={"message": encoded(token, message, self._clock())},
                headers={"Authorization": f"Bearer {access}"},
            )
        except httpx.TransportError as error:
            raise Unavailable("The push service does not answer.", retry_after=DEFAULT_RETRY_AFTER) from error
        return self._receipt(answer)

    def _receipt(self, answer: httpx.Response) -> Receipt:
        if answer.is_success:
            return Receipt.DELIVERED
        code, text = _fault(answer)
        if code in DEAD or (answer.status_code == 400 and _BAD_TOKEN.search(text)):
            return Receipt.DEAD_TOKEN
        if answer.status_code in (401, 408, 429) or answer.is_server_error:
            wait = _retry_after(answer.headers.get("retry-after", ""), self._clock())
            raise Unavailable("The push service does not accept the message now.", retry_after=wait)
        raise PushRefused(f"FCM answered {answer.status_code} {code}")


def encoded(token: str, message: PushMessage, now: datetime) -> dict[str, Any]:
    """Return the `Message` of FCM: on every platform, a message replaces the earlier one with the same id.

    The priority is high, because users wait for these messages.
    """
    seconds = max(0, int((message.expires_at - now).total_seconds()))
    return {
        "token": token,
        "notification": {"title": message.title, "body": message.body},
        "data": dict(message.data),
        "android": {
            "collapse_key": message.id,
            "priority": "HIGH",
            "ttl": f"{seconds}s",
            "notification": {"tag": message.id},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": message.id,
                "apns-priority": "10",
                "apns-expiration": str(int(message.expires_at.timestamp())),
            }
        },
        "webpush": {
            "headers": {"TTL": str(seconds), "Urgency": "high"},
            "notification": {"tag": message.id},
        },
    }


def _fault(answer: httpx.Response) -> tuple[str, str]:
    """Return the error code of FCM, and the text that distinguishes a bad token from another bad field."""
    try:
        error = answer.json()["error"]
        details = [detail for detail in error.get("details", ()) if isinstance(detail, dict)]
        code = next((str(d["errorCode"]) for d in details if "errorCode" in d), "")
        fields = [str(v.get("field")) for d in details for v in d.get("fieldViolations", ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""  # an answer of a proxy, not of FCM: only the status counts
    return code, "registration token" if "message.token" in fields else str(error.get("message", ""))


def _retry_after(header: str, now: datetime) -> timedelta:
    """Return the time in a `Retry-After` header, given in seconds or as a date, within limits."""
    if header.isdecimal():
        return min(timedelta(seconds=int(header[:9])), MAX_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return DEFAULT_RETRY_AFTER
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(seconds=1)), MAX_RETRY_AFTER)
