"""Webhooks as data: their bodies, signatures, and the record of who was told what, when."""

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
KEPT_WEBHOOKS = 10_000
KEPT_ATTEMPTS = 20
FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 10.0


class WebhookStatus(StrEnum):
    """`held` waits to be overtaken; `dropped` was lost on purpose and can still be redelivered."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the receiver's status, or why there was none."""

    at: float
    status: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it: any 2xx, and nothing else."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Webhook:
    """One event on its way: id, bytes and signature never change, however often it is sent."""

    event_id: str
    event: str
    payment_id: str
    raw: bytes
    signature: str
    created_at: float
    status: WebhookStatus = WebhookStatus.PENDING
    attempt_count: int = 0
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=KEPT_ATTEMPTS))

    @property
    def delivered(self) -> bool:
        """Whether the receiver has taken it at least once."""
        return self.status is WebhookStatus.DELIVERED

    def record(self, attempt: Attempt) -> None:
        """Note what became of one try."""
        self.attempt_count += 1
        self.attempts.append(attempt)
        if attempt.succeeded:
            self.status = WebhookStatus.DELIVERED

    def headers(self) -> dict[str, str]:
        """What goes over the wire with the bytes."""
        return {
            "Content-Type": "application/json",
            "User-Agent": "Razorpay-Webhook/v1",
            "X-Razorpay-Signature": self.signature,
            "x-razorpay-event-id": self.event_id,
        }

    def view(self) -> dict[str, Any]:
        """The record as JSON, without the body."""
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
        """Remember one more, and forget the oldest when there are too many."""
        self._webhooks[webhook.event_id] = webhook
        if len(self._webhooks) > KEPT_WEBHOOKS:
            self._webhooks.popitem(last=False)

    def find(self, event_id: str) -> Webhook | None:
        """The webhook, or None."""
        return self._webhooks.get(event_id)

    def all(self) -> Iterable[Webhook]:
        """Every webhook still remembered."""
        return self._webhooks.values()


def compose(event: GatewayEvent, secret: str, now: float) -> Webhook:
    """The signed webhook that tells of `event`."""
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
    """Razorpay's signature: HMAC-SHA256 of the exact bytes, in hex."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def backoff_seconds(failures: int) -> float:
    """The pause after so many failures: 0.2 s, doubling up to 10 s."""
    # The exponent is capped: 24 hours of failures would overflow a float.
    return min(FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_BACKOFF_SECONDS)
