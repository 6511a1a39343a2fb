"""The routes that the payment gateways call, one for each; the signature authorises the request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Request

from functions.payments_webhooks.schemas import Received
from shared.composition.payments import READERS, PaymentsPorts
from shared.edge.provided import PORTS, Now
from shared.edge.refusals import refuses
from shared.payments.domain import BadSignature, NotStoredYet
from shared.payments.usecases.handle_webhook import handle_webhook

Ports = Annotated[PaymentsPorts, PORTS]

webhooks = APIRouter(prefix="/webhooks", tags=["webhooks"])


def _receiver(gateway: str) -> Callable[..., Awaitable[Received]]:
    @refuses(BadSignature, NotStoredYet)
    async def receive(request: Request, ports: Ports, now: Now) -> Received:
        """Receive a webhook of a payment gateway.

        The gateway's signature over the raw body is the authorisation. It repeats an event until it gets a
        2xx answer.
        """
        event = ports.reader(gateway).read(await request.body(), request.headers)
        await handle_webhook(event, store=ports.store, now=now)
        return Received()

    return receive


for name in READERS:
    webhooks.post(f"/{name}", operation_id=f"receive{name.title()}Webhook")(_receiver(name))
