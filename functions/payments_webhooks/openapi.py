"""Describe the bare routes of `routes.py` for OpenAPI. This router is never served."""

from __future__ import annotations

from fastapi import APIRouter

from functions.payments_webhooks.routes import routes
from functions.payments_webhooks.schemas import Received

router = APIRouter(tags=["webhooks"])


async def receive() -> Received:
    """Receive a webhook of a payment gateway.

    The gateway's signature over the raw body is the authorisation. It repeats an event until it gets a
    2xx answer.
    """
    raise LookupError


for route in routes:
    router.post(route.path, operation_id=route.name)(receive)
