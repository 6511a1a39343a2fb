"""Webhooks as data: their bodies, signatures and delivery attempts."""

import hashlib
import hmac
import json
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from emulators.providers.upi.entities import payment_entity, refund_entity
from emulators.providers.upi.models import GatewayEvent, new_id

ACCOUNT_ID = "acc_WaybillLocal01"
GIVE_UP_SECONDS = 24 * 3600
MAX_WEBHOOKS = 10_000
MAX_ATTEMPTS_STORED = 20
FIRST_BACKOFF_SECONDS = 0.2
MAX_BACKOFF_SECONDS = 10.0


class WebhookStatus(StrEnum):
    """`held` waits for a later one; a script lost a `dropped` one, which can still be redelivered."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: the receiver's status, or the error without one."""

    at: float
    status: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver accepted it by a 2xx."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Webhook:
    """One event: its id, bytes and signature are the same in each attempt."""

    event_id: str
    event: str
    payment_id: str
    raw: bytes
    signature: str
    created_at: float
    status: WebhookStatus = WebhookStatus.PENDING
    attempt_count: int = 0
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=MAX_ATTEMPTS_STORED))

    @property
    def delivered(self) -> bool:
        """Whether the receiver has accepted it at least once."""
        return self.status is WebhookStatus.DELIVERED

    def record(self, attempt: Attempt) -> None:
        """Record the result of an attempt."""
        self.attempt_count += 1
        self.attempts.append(attempt)
        if attempt.succeeded:
            self.status = WebhookStatus.DELIVERED

    def headers(self) -> dict[str, str]:
        """Return the HTTP headers."""
        return {
            "Content-Type": "application/json",
            "User-Agent": "Razorpay-Webhook/v1",
            "X-Razorpay-Signature": self.signature,
            "x-razorpay-event-id": self.event_id,
        }

    def view(self) -> dict[str, Any]:
        """Return the record as JSON, without the body."""
        return {
            "event_id": self.event_id,
            "event": self.event,
            "payment_id": self.payment_id,
            "status": self.status,
            "attempt_count": self.attempt_count,
            "attempts": [asdict(attempt) for attempt in self.attempts],
        }


class WebhookLog:
    """The last 10,000 webhooks, oldest first."""

    def __init__(self) -> None:
        self._webhooks: OrderedDict[str, Webhook] = OrderedDict()

    def add(self, webhook: Webhook) -> None:
        """Add a webhook; beyond the limit, drop the oldest."""
        self._webhooks[webhook.event_id] = webhook
        if len(self._webhooks) > MAX_WEBHOOKS:
            self._webhooks.popitem(last=False)

    def find(self, event_id: str) -> Webhook | None:
        """Return the webhook, or None."""
        return self._webhooks.get(event_id)

    def all(self) -> Iterable[Webhook]:
        """Return all stored webhooks."""
        return self._webhooks.values()


def compose(event: GatewayEvent, secret: str, now: float) -> Webhook:
    """Return the signed webhook of `event`."""
    payload: dict[str, Any] = {"payment": {"entity": payment_entity(event.payment)}}
    if event.refund is not None:
        payload["refund"] = {"entity": refund_entity(event.refund)}
    body = {
        "entity": "event",
        "account_id": ACCOUNT_ID,
        "event": event.name,
        "contains": list(payload),
        "payload": payload,
        "created_at": int(now),
    }
    raw = json.dumps(body, separators=(",", ":")).encode()
    return Webhook(new_id("evt"), event.name, event.payment.id, raw, sign(raw, secret), now)


def sign(raw: bytes, secret: str) -> str:
    """Return Razorpay's signature: HMAC-SHA256 of the exact bytes, in hex."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def backoff_seconds(failures: int) -> float:
    """Return the pause after the n-th failure: 0.2 s, doubling up to 10 s."""
    # The exponent is capped: 24 hours of failures would overflow a float.
    return min(FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10), MAX_BACKOFF_SECONDS)
