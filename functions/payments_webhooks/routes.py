"""The bare routes that the payment gateways call, one for each; the signature authorises the request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.composition.payments import READERS, PaymentsPorts
from shared.edge.refusals import refuses
from shared.payments.domain import BadSignature, NotStoredYet
from shared.payments.usecases.handle_webhook import handle_webhook

Receiver = Callable[[Request], Awaitable[Response]]


def _receiver(gateway: str) -> Receiver:
    @refuses(BadSignature, NotStoredYet)
    async def receive(request: Request) -> Response:
        ports: PaymentsPorts = request.app.state.ports
        event = ports.reader(gateway).read(await request.body(), request.headers)
        await handle_webhook(event, store=ports.store, now=request.app.state.runtime.clock())
        return JSONResponse({"received": True})

    return receive


routes = [
    Route(f"/webhooks/{name}", _receiver(name), methods=["POST"], name=f"receive{name.title()}Webhook")
    for name in READERS
]
