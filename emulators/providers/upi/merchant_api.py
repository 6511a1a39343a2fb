"""The routes that a merchant's server calls: /v1, with HTTP Basic authentication."""

import base64
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.providers.script import Action
from emulators.providers.upi.entities import collection, order_entity, payment_entity, refund_entity
from emulators.providers.upi.errors import Answer, GatewayError, declined
from emulators.providers.upi.gateway import Gateway
from emulators.providers.upi.models import RefundStatus
from emulators.providers.upi.requests import CreateOrder, CreatePayment, CreateRefund, parse

Endpoint = Callable[[Request], Awaitable[Response]]

_REFUND_OUTCOMES = {Action.DECLINE: RefundStatus.FAILED, Action.HOLD: RefundStatus.PENDING}


class MerchantApi:
    """The routes of orders, payments and refunds, as in Razorpay's API."""

    def __init__(self, gateway: Gateway, key_id: str, key_secret: str) -> None:
        self._gateway = gateway
        self._credentials = f"{key_id}:{key_secret}".encode()

    def routes(self) -> list[Route]:
        """Return every route under /v1."""
        return [
            self._route("POST", "/v1/orders", self._create_order),
            self._route("GET", "/v1/orders/{id}", self._show_order),
            self._route("GET", "/v1/orders/{id}/payments", self._list_payments),
            self._route("POST", "/v1/payments/create/upi", self._create_payment),
            self._route("GET", "/v1/payments/{id}", self._show_payment),
            self._route("POST", "/v1/payments/{id}/refund", self._create_refund),
            self._route("GET", "/v1/payments/{id}/refunds", self._list_refunds),
            self._route("GET", "/v1/refunds/{id}", self._show_refund),
        ]

    def _route(self, method: str, path: str, endpoint: Endpoint) -> Route:
        async def authenticated(request: Request) -> Response:
            self._authenticate(request)
            return await endpoint(request)

        return Route(path, authenticated, methods=[method])

    def _authenticate(self, request: Request) -> None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic" and hmac.compare_digest(_decoded(encoded), self._credentials):
            return
        raise GatewayError("Authentication failed", reason="authentication_failed", status=401)

    async def _create_order(self, request: Request) -> Response:
        body = parse(CreateOrder, await request.body())

        def operation(action: Action | None) -> Answer:
            if action is Action.DECLINE:
                return declined().answer()
            return Answer(200, order_entity(self._gateway.records.create_order(body, self._gateway.now())))

        facts = {"receipt": body.receipt, "notes": body.notes}
        return await self._gateway.perform(request, ("create", "create_order"), facts, operation)

    async def _create_payment(self, request: Request) -> Response:
        body = parse(CreatePayment, await request.body())
        order = self._gateway.records.order(body.order_id)

        def operation(action: Action | None) -> Answer:
            if action is Action.DECLINE:
                return declined().answer()
            now = self._gateway.now()
            payment = self._gateway.records.create_payment(body, now, self._gateway.intent_seconds)
            self._gateway.start_timer(payment)
            return Answer(200, {"razorpay_payment_id": payment.id, "link": payment.link})

        facts = {"receipt": order.receipt, "notes": {**order.notes, **body.notes}}
        return await self._gateway.perform(request, ("create", "create_payment"), facts, operation)

    async def _create_refund(self, request: Request) -> Response:
        body = parse(CreateRefund, await request.body())
        payment = self._gateway.records.payment(request.path_params["id"])

        def operation(action: Action | None) -> Answer:
            outcome = (
                _REFUND_OUTCOMES.get(action, RefundStatus.PROCESSED) if action else RefundStatus.PROCESSED
            )
            now = self._gateway.now()
            refund, events = self._gateway.records.create_refund(payment.id, body, now, outcome)
            self._gateway.announce(events)
            return Answer(200, refund_entity(refund))

        facts = self._gateway.facts_of(payment)
        facts = {"receipt": body.receipt or facts["receipt"], "notes": {**facts["notes"], **body.notes}}
        return await self._gateway.perform(request, ("refund",), facts, operation)

    async def _show_order(self, request: Request) -> Response:
        return await self._read(request, lambda id_: order_entity(self._gateway.records.order(id_)))

    async def _list_payments(self, request: Request) -> Response:
        records = self._gateway.records
        return await self._read(
            request, lambda id_: collection(map(payment_entity, records.payments_of(id_)))
        )

    async def _show_payment(self, request: Request) -> Response:
        return await self._read(request, lambda id_: payment_entity(self._gateway.records.payment(id_)))

    async def _list_refunds(self, request: Request) -> Response:
        records = self._gateway.records
        return await self._read(request, lambda id_: collection(map(refund_entity, records.refunds_of(id_))))

    async def _show_refund(self, request: Request) -> Response:
        return await self._read(request, lambda id_: refund_entity(self._gateway.records.refund(id_)))

    async def _read(self, request: Request, show: Callable[[str], dict[str, Any]]) -> Response:
        id_ = request.path_params["id"]
        return await self._gateway.perform(request, ("read",), {"id": id_}, lambda _: Answer(200, show(id_)))


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:  # binascii.Error is one, and so is what a letter beyond ASCII raises
        return b""
