"""`payments.ports.WebhookReader` for webhooks of Razorpay's shape."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.adapters.gateways.upi_entities import PaymentEntity, RefundEntity, own_id, subject_of
from shared.kernel.errors import Malformed
from shared.kernel.strict_json import parse_json
from shared.payments.domain import BadSignature
from shared.payments.ports import ChargeWebhook, RefundWebhook, WebhookEvent

SIGNATURE = "x-razorpay-signature"
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
    """See `WebhookReader`. It accepts several `secrets` while one replaces another."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets if secret]
        if not self._secrets:
            raise ValueError("a webhook secret is needed: anyone could sign with an empty one")

    def read(self, raw: bytes, headers: Mapping[str, str]) -> WebhookEvent | None:
        """See `WebhookReader.read`: return None for unknown events and for payments that are not ours."""
        self._verify(raw, headers.get(SIGNATURE, ""))
        content = parse_json(raw)  # after the signature, so that an unsigned body gets no other answer
        try:
            return _event(_Kind.model_validate(content).event, content)
        except ValidationError as error:
            raise Malformed("The webhook's body cannot be read.") from error

    def _verify(self, raw: bytes, signature: str) -> None:
        """Compare in constant time and with every secret, so that the time reveals nothing."""
        given = signature.encode()
        expected = [hmac.new(secret, raw, hashlib.sha256).hexdigest().encode() for secret in self._secrets]
        matches = [hmac.compare_digest(given, right) for right in expected]
        if not any(matches):
            raise BadSignature


def _event(event: str, content: Any) -> WebhookEvent | None:
    if event in CHARGE_EVENTS:
        return _charge_event(_ChargeEvent.model_validate(content).payload.payment.entity)
    if event in REFUND_EVENTS:
        return _refund_event(_RefundEvent.model_validate(content).payload.refund.entity)
    return None


def _charge_event(entity: PaymentEntity) -> ChargeWebhook | None:
    payment_id, subject_ref = own_id(entity.notes, "payment_id"), subject_of(entity.notes)
    return ChargeWebhook(payment_id, subject_ref, entity.charge()) if payment_id and subject_ref else None


def _refund_event(entity: RefundEntity) -> RefundWebhook | None:
    refund_id, payment_id = own_id(entity.notes, "refund_id"), own_id(entity.notes, "payment_id")
    subject_ref = subject_of(entity.notes)
    if not (refund_id and payment_id and subject_ref):
        return None
    return RefundWebhook(refund_id, payment_id, subject_ref, entity.report())
