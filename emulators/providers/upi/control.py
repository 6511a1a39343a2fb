"""The control routes for tests and the demo: /_control."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.providers.script import ScriptError
from emulators.providers.upi.entities import order_entity, payment_entity, refund_entity
from emulators.providers.upi.errors import GatewayError
from emulators.providers.upi.gateway import Gateway
from emulators.providers.upi.models import RefundStatus
from emulators.providers.upi.requests import SettleRefund, parse
from emulators.providers.upi.webhooks import Webhook


class Control:
    """Scripted faults, the whole state, and webhooks to inspect and redeliver."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """Return every route under /_control."""
        return [
            Route("/_control/script", self._add_rule, methods=["POST"]),
            Route("/_control/script", self._reset, methods=["DELETE"]),
            Route("/_control/state", self._state, methods=["GET"]),
            Route("/_control/payments/{id}/expire", self._expire, methods=["POST"]),
            Route("/_control/refunds/{id}/settle", self._settle, methods=["POST"]),
            Route("/_control/webhooks/{id}", self._show_webhook, methods=["GET"]),
            Route("/_control/webhooks/{id}/redeliver", self._redeliver, methods=["POST"]),
        ]

    async def _add_rule(self, request: Request) -> Response:
        try:
            rule = self._gateway.script.add(await request.body())
        except ScriptError as error:
            raise GatewayError(str(error), reason="bad_script") from error
        return JSONResponse(asdict(rule), 201)

    async def _reset(self, _: Request) -> Response:
        self._gateway.script.reset()
        return Response(status_code=204)

    async def _state(self, _: Request) -> Response:
        records = self._gateway.records
        return JSONResponse(
            {
                "orders": [order_entity(order) for order in records.orders.values()],
                "payments": [payment_entity(payment) for payment in records.payments.values()],
                "refunds": [refund_entity(refund) for refund in records.refunds.values()],
                "webhooks": [webhook.view() for webhook in self._gateway.webhooks.all()],
                "script": self._gateway.script.view(),
            }
        )

    async def _expire(self, request: Request) -> Response:
        return JSONResponse(payment_entity(self._gateway.expire(request.path_params["id"])))

    async def _settle(self, request: Request) -> Response:
        outcome = RefundStatus(parse(SettleRefund, await request.body()).outcome)
        refund = self._gateway.records.refund(request.path_params["id"])
        settled, events = self._gateway.records.settle(refund, outcome)
        self._gateway.announce(events)
        return JSONResponse(refund_entity(settled))

    async def _show_webhook(self, request: Request) -> Response:
        webhook = self._webhook(request)
        # The body is ASCII JSON, so a string carries its exact bytes.
        return JSONResponse(
            webhook.view() | {"headers": webhook.headers(), "body": webhook.raw.decode("ascii")}
        )

    async def _redeliver(self, request: Request) -> Response:
        return JSONResponse(asdict(await self._gateway.sender.attempt(self._webhook(request))))

    def _webhook(self, request: Request) -> Webhook:
        webhook = self._gateway.webhooks.find(request.path_params["id"])
        if webhook is None:
            raise GatewayError("No such webhook.", reason="unknown_webhook", status=404)
        return webhook
