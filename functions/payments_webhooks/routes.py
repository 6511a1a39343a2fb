"""The route that the payment provider calls; its signature is the authorisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request

from functions.payments_webhooks import wiring
from functions.payments_webhooks.schemas import Received
from shared.edge.bodies import parse_json
from shared.kernel.clock import utc_now
from shared.payments.usecases.apply_notice import apply_notice

webhooks = APIRouter(prefix="/webhooks", tags=["webhooks"])


@webhooks.post("/upi")
async def upi(
    request: Request, signature: Annotated[str, Header(alias="X-Razorpay-Signature")] = ""
) -> Received:
    """Take news of a payment or a refund; anything but a 2xx brings it again."""
    body = await request.body()
    notice = wiring.reader().read(body, signature)
    parse_json(body)  # who cannot sign is told nothing else; who can names no key twice
    await apply_notice(notice, store=wiring.store(), now=utc_now())
    return Received()
