"""`payments.ports.PaymentGateway` over a REST API of Razorpay's shape: UPI intents and refunds."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from shared.adapters.gateways.upi_entities import PaymentEntity, RefundEntity, notes_of
from shared.kernel.ids import derived_id
from shared.payments.domain import (
    Charge,
    GatewayRefused,
    GatewayUnavailable,
    Payment,
    PaymentDeclined,
    Refund,
    RefundReport,
)
from shared.payments.ports import Intent, IntentRequest

TIMEOUT = httpx.Timeout(5.0, connect=2.0)

_NOT_A_REFUSAL = frozenset({401, 403, 408, 409, 425, 429})
"""4xx statuses that do not refuse the request itself: a rejected API key, or a concurrent retry."""


class _Order(BaseModel):
    id: str


class _Intent(BaseModel):
    razorpay_payment_id: str
    link: str


class _Refunds(BaseModel):
    items: list[RefundEntity]


Answer = TypeVar("Answer", bound=BaseModel)

log = logging.getLogger(__name__)


def open_client(url: str, key_id: str, key_secret: str) -> httpx.AsyncClient:
    """Return the HTTP client of `UpiGateway`; close it in the event loop that used it."""
    return httpx.AsyncClient(base_url=url, auth=(key_id, key_secret), timeout=TIMEOUT)


class UpiGateway:
    """See `PaymentGateway`. The notes carry our ids, and every POST has an idempotency key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ping(self) -> None:
        """Return when the provider answers, whatever the answer.

        Raises `GatewayUnavailable`.
        """
        try:
            answer = await self._client.get("/v1/payments/health")
        except httpx.TransportError as error:
            raise GatewayUnavailable from error
        if answer.is_server_error:
            raise GatewayUnavailable

    async def create_intent(self, request: IntentRequest) -> Intent:
        """See `PaymentGateway.create_intent`: one gateway order and one link for each payment."""
        order_body, payment_body = _bodies(request)
        # A retry with another phone number is another request to the provider.
        key = derived_id("idm", request.payment_id, request.contact, request.email)
        try:
            order = await self._post("/v1/orders", order_body, request.payment_id, _Order)
            payment_body["order_id"] = order.id
            made = await self._post("/v1/payments/create/upi", payment_body, key, _Intent)
        except GatewayRefused as error:
            raise PaymentDeclined from error
        return Intent(order.id, made.razorpay_payment_id, made.link)

    async def fetch(self, payment: Payment) -> Charge:
        """See `PaymentGateway.fetch`."""
        entity = await self._get(f"/v1/payments/{payment.gateway_payment_id}", PaymentEntity)
        return entity.charge()

    async def refund(self, refund: Refund) -> RefundReport:
        """See `PaymentGateway.refund`.

        The provider forgets idempotency keys after a day. A refusal is final only when none of the
        payment's refunds has our id.
        """
        path = f"/v1/payments/{refund.gateway_payment_id}/refund"
        notes = {"refund_id": refund.id, **notes_of(refund.payment_id, refund.subject_ref)}
        body = {"amount": refund.amount.amount, "speed": "normal", "receipt": refund.id, "notes": notes}
        try:
            entity = await self._post(path, body, refund.id, RefundEntity)
        except GatewayRefused:
            entity = await self._find_refund(refund)
        return entity.report()

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        """See `PaymentGateway.fetch_refund`."""
        entity = await self._get(f"/v1/refunds/{refund.gateway_refund_id}", RefundEntity)
        return entity.report()

    async def _find_refund(self, refund: Refund) -> RefundEntity:
        listed = await self._get(f"/v1/payments/{refund.gateway_payment_id}/refunds", _Refunds)
        for entity in listed.items:
            if isinstance(entity.notes, dict) and entity.notes.get("refund_id") == refund.id:
                return entity
        raise GatewayRefused

    async def _post(self, path: str, body: Mapping[str, Any], key: str, answer: type[Answer]) -> Answer:
        # Razorpay reads the second name for refunds, the first elsewhere.
        headers = {"Idempotency-Key": key, "X-Refund-Idempotency": key}
        return await self._send(self._client.build_request("POST", path, json=body, headers=headers), answer)

    async def _get(self, path: str, answer: type[Answer]) -> Answer:
        return await self._send(self._client.build_request("GET", path), answer)

    async def _send(self, request: httpx.Request, answer: type[Answer]) -> Answer:
        try:
            response = await self._client.send(request)
        except httpx.RequestError as error:
            raise GatewayUnavailable from error
        if not response.is_success:
            raise _refusal(response.status_code)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise GatewayUnavailable("The payment provider's answer cannot be read. Try again.") from error


def _refusal(status: int) -> GatewayRefused | GatewayUnavailable:
    log.warning("gateway_refusal", extra={"gateway_status": status})
    if 400 <= status < 500 and status not in _NOT_A_REFUSAL:
        return GatewayRefused()
    return GatewayUnavailable()


def _bodies(request: IntentRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the bodies of the gateway order and of its payment; the payment still lacks the order's id."""
    both: dict[str, Any] = {
        "amount": request.amount.amount,
        "currency": request.amount.currency,
        "notes": notes_of(request.payment_id, request.subject_ref),
    }
    payment = {
        "method": "upi",
        "upi": {"flow": "intent"},
        "contact": request.contact,
        "email": request.email,
        "description": "Waybill order",
    }
    return {**both, "receipt": request.payment_id}, {**both, **payment}
