"""Webhooks in the provider's format."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

SECRET = "whsec-now"
PREVIOUS = "whsec-before"


def sign(raw: bytes, secret: str = SECRET) -> str:
    """Return the provider's signature of these bytes."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def charge_body(event: str, payment_id: str, order_id: str, **entity: Any) -> bytes:
    """Return the body of an event about a payment."""
    fields = {
        "id": "pay_00000000000001",
        "entity": "payment",
        "amount": 45_600,
        "currency": "INR",
        "status": event.removeprefix("payment."),
        "captured": event == "payment.captured",
        "notes": {"payment_id": payment_id, "order_id": order_id},
        "fee": 0,
        **entity,
    }
    return _body(event, {"payment": {"entity": fields}})


def refund_body(event: str, ids: dict[str, str], **entity: Any) -> bytes:
    """Return the body of an event about a refund."""
    fields = {
        "id": "rfnd_00000000000001",
        "amount": 45_600,
        "currency": "INR",
        "status": event.removeprefix("refund."),
        "notes": ids,
        **entity,
    }
    return _body(event, {"refund": {"entity": fields}, "payment": {"entity": {"id": "pay_1"}}})


def _body(event: str, payload: dict[str, Any]) -> bytes:
    return json.dumps({"entity": "event", "event": event, "payload": payload, "created_at": 1}).encode()
