"""The route that the payment provider calls; the signature authorises the request."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request

from functions.payments_webhooks.schemas import Received
from shared.composition.payments import PaymentsPorts
from shared.edge.bodies import parse_json
from shared.edge.provided import PORTS, Now
from shared.edge.refusals import refuses
from shared.payments.domain import BadSignature, NotStoredYet
from shared.payments.usecases.handle_webhook import handle_webhook

Ports = Annotated[PaymentsPorts, PORTS]

webhooks = APIRouter(prefix="/webhooks", tags=["webhooks"])


@webhooks.post("/upi", operation_id="receiveUpiWebhook")
@refuses(BadSignature, NotStoredYet)
async def upi(
    request: Request,
    ports: Ports,
    now: Now,
    signature: Annotated[str, Header(alias="X-Razorpay-Signature")] = "",
) -> Received:
    """Receive a webhook of the UPI gateway.

    The signature over the raw body is the authorisation. The gateway repeats an event until it gets a 2xx
    answer.
    """
    body = await request.body()
    event = ports.reader.read(body, signature)
    parse_json(body)  # after the signature, so that an unsigned body gets no other answer
    await handle_webhook(event, store=ports.store, now=now)
    return Received()
