"""`payments.ports.NoticeReader` for webhooks of Razorpay's shape."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from shared.adapters.gateways.upi_entities import Notes, PaymentEntity, RefundEntity
from shared.kernel.errors import Malformed
from shared.payments.domain import BadSignature, is_own_id
from shared.payments.ports import ChargeNotice, Notice, RefundNotice

CHARGE_EVENTS = frozenset({"payment.authorized", "payment.captured", "payment.failed"})
REFUND_EVENTS = frozenset({"refund.processed", "refund.failed"})


class _Kind(BaseModel):
    event: str


class _OnePayment(BaseModel):
    entity: PaymentEntity


class _ChargePayload(BaseModel):
    payment: _OnePayment


class _ChargeEvent(BaseModel):
    payload: _ChargePayload


class _OneRefund(BaseModel):
    entity: RefundEntity


class _RefundPayload(BaseModel):
    refund: _OneRefund


class _RefundEvent(BaseModel):
    payload: _RefundPayload


class UpiWebhooks:
    """See `NoticeReader`. Several `secrets` are accepted while one replaces the other."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets if secret]
        if not self._secrets:
            raise ValueError("a webhook secret is needed: an empty one would let anybody sign")

    def read(self, raw: bytes, signature: str) -> Notice | None:
        """See `NoticeReader.read`: events and payments that are not ours are no news."""
        self._verify(raw, signature)
        try:
            return _notice(_Kind.model_validate_json(raw).event, raw)
        except ValidationError as error:
            raise Malformed("The webhook's body cannot be read.") from error

    def _verify(self, raw: bytes, signature: str) -> None:
        """Compare in constant time, and with every secret, so that time tells nothing."""
        given = signature.encode()
        expected = [hmac.new(secret, raw, hashlib.sha256).hexdigest().encode() for secret in self._secrets]
        matches = [hmac.compare_digest(given, right) for right in expected]
        if not any(matches):
            raise BadSignature


def _notice(event: str, raw: bytes) -> Notice | None:
    if event in CHARGE_EVENTS:
        return _charge_notice(_ChargeEvent.model_validate_json(raw).payload.payment.entity)
    if event in REFUND_EVENTS:
        return _refund_notice(_RefundEvent.model_validate_json(raw).payload.refund.entity)
    return None


def _charge_notice(entity: PaymentEntity) -> ChargeNotice | None:
    notes = _own_ids(entity.notes, "payment_id", "order_id")
    return ChargeNotice(notes[0], notes[1], entity.charge()) if notes else None


def _refund_notice(entity: RefundEntity) -> RefundNotice | None:
    notes = _own_ids(entity.notes, "refund_id", "payment_id", "order_id")
    return RefundNotice(notes[0], notes[1], notes[2], entity.report()) if notes else None


def _own_ids(notes: Notes, *names: str) -> list[str] | None:
    """Return our ids from the notes, or None unless all of them are there and well-formed."""
    found = [notes.get(name) for name in names] if isinstance(notes, dict) else []
    own = [value for value in found if isinstance(value, str) and is_own_id(value)]
    return own if len(own) == len(names) else None
